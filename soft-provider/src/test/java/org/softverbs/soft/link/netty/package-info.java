/// Tests of UDP links and their parts, on loopback addresses of their own.
@NullMarked
package org.softverbs.soft.link.netty;

import org.jspecify.annotations.NullMarked;
