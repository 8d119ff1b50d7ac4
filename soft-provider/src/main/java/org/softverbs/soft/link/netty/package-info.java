/// RoCEv2 over UDP sockets of Netty: the only place that knows Netty, sockets and the network
/// interfaces of the machine.
///
/// Everything here belongs to the owner of the device; [OwnerEventLoop] sees to it that Netty
/// agrees. Depends on `link`, `packet`, `wire` and Netty.
@NullMarked
package org.softverbs.soft.link.netty;

import org.jspecify.annotations.NullMarked;
