package org.softverbs.soft.queue;

/// The receives of a queue pair that shares them with others: one is taken out when its message
/// begins, and is the queue pair's from then on.
public final class SharedReceiveSource implements ReceiveSource {

    private final SharedReceives shared;
    private final ReceiveWqe taken;
    private boolean holding;
    private long position;

    public SharedReceiveSource(SharedReceives shared) {
        this.shared = shared;
        this.taken = new ReceiveWqe(shared.queue().maxSge());
    }

    @Override
    public boolean isEmpty() {
        return !holding && shared.queue().isEmpty();
    }

    @Override
    public ReceiveWqe current() {
        if (!holding) {
            position = shared.take(taken);
            holding = true;
        }
        return taken;
    }

    @Override
    public long room() {
        return (holding ? taken : shared.queue().current()).elements().total();
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public SharedReceives shared() {
        return shared;
    }

    @Override
    public void finish() {
        holding = false;
    }

    @Override
    public boolean isOwning() {
        return holding;
    }

    @Override
    public void clear() {
        holding = false;
    }
}
