package org.softverbs.soft.dma;

import java.util.BitSet;
import java.util.Objects;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaTransaction;

/// What every transaction has: elements that are linked once each, and one end.
abstract sealed class ElementTransaction implements DmaTransaction
        permits IovaTransaction, UntranslatedTransaction {

    private enum Phase {
        OPEN,
        DONE,
        CLOSED
    }

    private final ElementList elements;
    private final DmaDirection direction;
    private final BitSet linked = new BitSet();
    private Phase phase = Phase.OPEN;

    ElementTransaction(ElementList elements, DmaDirection direction) {
        this.elements = elements;
        this.direction = direction;
    }

    /// Links an element that is not linked. When it throws, the element is as it was.
    abstract void linkElement(int index);

    /// Makes the mapping; every element is linked.
    abstract DmaMapping finish();

    /// Undoes what was linked and allocated.
    abstract void undo();

    final ElementList elements() {
        return elements;
    }

    final DmaDirection direction() {
        return direction;
    }

    @Override
    public final void link(int index) {
        requireOpen();
        Objects.checkIndex(index, elements.count());
        if (linked.get(index)) {
            throw new IllegalStateException("element " + index + " is linked already");
        }
        linkElement(index);
        linked.set(index);
    }

    @Override
    public final void linkAll() {
        requireOpen();
        int index = linked.nextClearBit(0);
        while (index < elements.count()) {
            link(index);
            index = linked.nextClearBit(index + 1);
        }
    }

    @Override
    public final DmaMapping done() {
        requireOpen();
        int missing = linked.nextClearBit(0);
        if (missing < elements.count()) {
            throw new IllegalStateException("element " + missing + " is not linked");
        }
        phase = Phase.DONE;
        return finish();
    }

    @Override
    public final void close() {
        if (phase == Phase.OPEN) {
            phase = Phase.CLOSED;
            undo();
            elements.loans().end();
        }
    }

    private void requireOpen() {
        switch (phase) {
            case OPEN -> {}
            case DONE -> throw new IllegalStateException("the transaction is done");
            case CLOSED -> throw new IllegalStateException("the transaction is closed");
        }
    }
}
