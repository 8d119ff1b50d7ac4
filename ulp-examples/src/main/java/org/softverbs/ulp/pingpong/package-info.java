/// The ping-pongs of rdma-core, `ibv_rc_pingpong` and its like: two ends send a message back and
/// forth.
///
/// Wire-compatible with the original in both roles. Depends on the verbs API and `tool`.
@NullMarked
package org.softverbs.ulp.pingpong;

import org.jspecify.annotations.NullMarked;
