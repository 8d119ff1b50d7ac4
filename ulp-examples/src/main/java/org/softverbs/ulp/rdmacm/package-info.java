/// The tools of rdma-core that connect by the connection manager: `rping`, `ucmatose`, `udaddy`,
/// `cmtime`, `rdma_client`, `rdma_server`.
///
/// Same options and same messages as the originals, in both roles. Depends on the verbs API and
/// `tool`.
@NullMarked
package org.softverbs.ulp.rdmacm;

import org.jspecify.annotations.NullMarked;
