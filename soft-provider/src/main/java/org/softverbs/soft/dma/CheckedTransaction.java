package org.softverbs.soft.dma;

import java.util.function.Function;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaTransaction;
import org.softverbs.dma.IoSummary;
import org.softverbs.soft.sanitize.DeviceLedger;
import org.softverbs.soft.sanitize.LostHandle;

/// A transaction with the sanitizer looking on.
final class CheckedTransaction implements DmaTransaction {

    private final DmaTransaction transaction;
    private final DeviceLedger ledger;
    private final Function<DmaMapping, DmaMapping> whenDone;
    private final LostHandle handle;

    CheckedTransaction(
            DmaTransaction transaction,
            DeviceLedger ledger,
            Function<DmaMapping, DmaMapping> whenDone) {
        this.transaction = transaction;
        this.ledger = ledger;
        this.whenDone = whenDone;
        this.handle = ledger.begun(this);
    }

    @Override
    public IoSummary summary() {
        return transaction.summary();
    }

    @Override
    public void link(int index) {
        transaction.link(index);
    }

    @Override
    public void linkAll() {
        transaction.linkAll();
    }

    @Override
    public DmaMapping done() {
        DmaMapping mapping = transaction.done();
        ledger.ended(handle);
        return whenDone.apply(mapping);
    }

    @Override
    public void close() {
        ledger.ended(handle);
        transaction.close();
    }
}
