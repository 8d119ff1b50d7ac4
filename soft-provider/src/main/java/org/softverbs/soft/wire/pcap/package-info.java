/**
 * Capture files: reads pcap and pcapng, writes pcap that Wireshark opens.
 *
 * <p>Owner thread: a reader or writer belongs to the thread that uses it. Depends on {@code wire},
 * {@code wire.net} and the JDK only. Source: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
 */
@NullMarked
package org.softverbs.soft.wire.pcap;

import org.jspecify.annotations.NullMarked;
