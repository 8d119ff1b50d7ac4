package org.softverbs.soft.link;

/// A receiver that passes everything on to another but packets, which its link looks at first.
abstract class FilterReceiver implements LinkReceiver {

    private final LinkReceiver target;

    FilterReceiver(LinkReceiver target) {
        this.target = target;
    }

    final LinkReceiver target() {
        return target;
    }

    @Override
    public final long arrivalNanos() {
        return target.arrivalNanos();
    }

    @Override
    public final void onMalformed() {
        target.onMalformed();
    }

    @Override
    public final void onBadIcrc() {
        target.onBadIcrc();
    }

    @Override
    public final void onPortChange(PortChange change) {
        target.onPortChange(change);
    }
}
