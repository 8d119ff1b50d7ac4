package org.softverbs.soft.script;

import java.util.Locale;

/// How addresses and keys are written.
interface Naming {

    /// As numbers.
    Naming NUMBERS =
            new Naming() {
                @Override
                public String describeAddress(long address) {
                    return "0x" + Long.toHexString(address);
                }

                @Override
                public String describeKey(int key) {
                    return String.format(Locale.ROOT, "0x%08x", key);
                }
            };

    String describeAddress(long address);

    String describeKey(int key);
}
