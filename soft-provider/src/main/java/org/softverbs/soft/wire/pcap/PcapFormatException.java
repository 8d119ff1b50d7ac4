package org.softverbs.soft.wire.pcap;

import java.io.IOException;

/** A file is no capture, or a damaged one. The message names the place. */
public final class PcapFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    PcapFormatException(long fileOffset, String what) {
        super("at file offset " + fileOffset + ": " + what);
    }
}
