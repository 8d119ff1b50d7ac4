package org.softverbs.sanitizer;

import java.util.Optional;
import org.softverbs.dma.AddressSpace;

/// One misuse that the sanitizer saw.
///
/// @param finding what kind it is
/// @param space whose address it is
/// @param address the first that is concerned
/// @param length bytes that are concerned
/// @param detail what conflicts with what
/// @param mapping the mapping that is concerned, if one is known
/// @param mappedAt where it was mapped
/// @param conflictAt where the conflicting call was made; of a request that was refused when it had
///     its turn, where it was posted
public record Report(
        Finding finding,
        AddressSpace space,
        long address,
        long length,
        String detail,
        Optional<String> mapping,
        Optional<CallSite> mappedAt,
        CallSite conflictAt) {

    /// What Linux does in this place.
    public String kernel() {
        return finding.kernel();
    }

    /// One line for a log.
    @Override
    public String toString() {
        return finding.number()
                + " "
                + finding
                + ": "
                + finding.title()
                + ": "
                + detail
                + " ("
                + space
                + " 0x"
                + Long.toHexString(address)
                + ", "
                + length
                + " bytes) at "
                + conflictAt
                + mapping.map(it -> "; " + it).orElse("")
                + mappedAt.map(it -> ", mapped at " + it).orElse("")
                + "; Linux: "
                + kernel();
    }
}
