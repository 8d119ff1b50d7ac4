package org.softverbs.sim.rc;

import static org.softverbs.sim.InvariantViolation.require;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.softverbs.sim.Place;
import org.softverbs.sim.WireModel;
import org.softverbs.sim.World;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// Two ends, and what their programs do when the connection breaks: both queue pairs go to ERR, all
/// is flushed, and they connect again.
final class Connection {

    private static final Duration FLUSHED_WITHIN = Duration.ofMillis(1);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(1);
    private static final int MICROS_TO_NOTICE = 20_000;

    /// From when it breaks until it is connected again, when nothing goes wrong any more: a node
    /// that started again may be as long in coming back.
    static final Duration LONGEST_RENEWAL =
            Duration.ofMillis(20 + 2)
                    .plus(FLUSHED_WITHIN)
                    .plus(Duration.ofNanos(MICROS_TO_NOTICE * 1000L));

    private final World world;
    private final RcSettings settings;
    private final WireModel wire;
    private final SplittableRandom random;
    private final End left;
    private final End right;
    private boolean open;
    private int breaks;

    Connection(
            World world,
            RcSettings settings,
            WireModel wire,
            SplittableRandom random,
            End left,
            End right) {
        this.world = world;
        this.settings = settings;
        this.wire = wire;
        this.random = random;
        this.left = left;
        this.right = right;
        left.join(right);
        right.join(left);
    }

    List<End> ends() {
        return List.of(left, right);
    }

    /// Whether it was not found broken.
    boolean isOpen() {
        return open;
    }

    /// How often it broke.
    int breaks() {
        return breaks;
    }

    /// Whether nothing is under way on it.
    boolean isQuiet() {
        return open
                && left.sends().isIdle()
                && right.sends().isIdle()
                && left.receives().isQuiet()
                && right.receives().isQuiet()
                && left.isSound()
                && right.isSound();
    }

    /// Connects two ends that are new.
    void connect() {
        left.connect(settings);
        right.connect(settings);
        wire.connected(
                Place.path(left.node().host().node(), right.node().host().node()),
                left.queuePair().number(),
                right.queuePair().number());
        left.sends().begin();
        right.sends().begin();
        open = true;
    }

    /// Finds out whether it broke; a program notices after a while, when its own side may have
    /// failed, too, or not yet.
    void look() {
        if (open && !(left.isSound() && right.isSound())) {
            open = false;
            breaks++;
            long micros = random.nextInt(MICROS_TO_NOTICE);
            world.after(Duration.ofNanos(micros * 1000), this::fail);
        }
    }

    private boolean areBothUp() {
        return left.node().isUp() && right.node().isUp();
    }

    private void fail() {
        if (!areBothUp()) {
            world.after(LOOK_AGAIN, this::fail);
            return;
        }
        left.fail();
        right.fail();
        world.after(FLUSHED_WITHIN, this::renew);
    }

    private void renew() {
        if (!areBothUp()) {
            world.after(LOOK_AGAIN, this::fail);
            return;
        }
        left.node().pollAll();
        right.node().pollAll();
        for (End end : ends()) {
            end.finish();
        }
        try {
            left.renew(random.nextBoolean());
            right.renew(random.nextBoolean());
        } catch (VerbsException scarce) {
            require(
                    scarce.errno() == Errno.ENOMEM && !world.faults().isHealed(),
                    "Q7",
                    () -> "refused for no reason: " + scarce);
            world.after(LOOK_AGAIN, this::renew);
            return;
        }
        connect();
    }

    /// Judges all that belongs to it.
    void check() {
        for (End end : ends()) {
            if (end.node().isUp()) {
                end.checkGaps();
                end.loan().check();
                end.sends().checkAll();
                end.receives().checkBuffers();
            }
        }
    }

    /// Judges that nothing is under way.
    void requireQuiet() {
        left.sends().requireIdle();
        right.sends().requireIdle();
        require(
                isQuiet(),
                "T3",
                () ->
                        left
                                + " and "
                                + right
                                + " do not come to rest: "
                                + left.receives()
                                + "; "
                                + right.receives());
        left.sends().checkDelivered();
        right.sends().checkDelivered();
    }

    @Override
    public String toString() {
        return String.join(
                "; ",
                left + (open ? "" : " (broken)"),
                left.sends().toString(),
                left.receives().toString(),
                right.toString(),
                right.sends().toString(),
                right.receives().toString());
    }
}
