/// Tests of the tools of the connection manager.
@NullMarked
package org.softverbs.ulp.rdmacm;

import org.jspecify.annotations.NullMarked;
