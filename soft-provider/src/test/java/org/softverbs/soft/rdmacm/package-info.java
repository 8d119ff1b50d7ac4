/// Tests of IDs and event channels, over devices of a fabric and a wire for management datagrams.
@NullMarked
package org.softverbs.soft.rdmacm;

import org.jspecify.annotations.NullMarked;
