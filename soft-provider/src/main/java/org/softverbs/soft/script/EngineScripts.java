package org.softverbs.soft.script;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.host.Clock;
import org.softverbs.soft.memory.KeyedMemory;
import org.softverbs.soft.memory.RegisteredMemory;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.qp.DeviceWitness;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.queue.CompletionEntry;
import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.QueuePairType;

/// The scripts of all queue pairs of devices that are watched, one for each, as [RpktWriter] makes
/// them: what happened to its engine and what came of it.
///
/// For devices that share one owner, or whose owners take turns on one thread.
public final class EngineScripts {

    private final List<EngineScript> all = new ArrayList<>();
    private @Nullable EngineScript latest;

    public EngineScripts() {}

    /// Watches a device from the beginning.
    ///
    /// @param node name of the node it is in
    /// @param clock what its engines go by
    public DeviceWitness watch(String node, Clock clock) {
        return new Device(node, clock);
    }

    /// The script of each queue pair that there was, in the order in which they were made.
    public List<EngineScript> all() {
        return Collections.unmodifiableList(all);
    }

    /// The queue pair to which something happened last.
    public Optional<EngineScript> latest() {
        return Optional.ofNullable(latest);
    }

    /// One device.
    private final class Device implements DeviceWitness {

        private final String node;
        private final Clock clock;
        private final Map<Integer, KeyedMemory> memories = new LinkedHashMap<>();
        private final Map<Integer, EngineScript> open = new LinkedHashMap<>();

        Device(String node, Clock clock) {
            this.node = node;
            this.clock = clock;
        }

        private void on(QueuePairCore queuePair, Consumer<EngineScript> what) {
            EngineScript script = open.get(queuePair.number());
            if (script != null && !script.isEnded()) {
                latest = script;
                what.accept(script);
            }
        }

        private long now() {
            return clock.nanoTime();
        }

        @Override
        public void registered(KeyedMemory memory) {
            memories.put(memory.key(), memory);
            open.values().forEach(script -> register(script, memory));
        }

        private void register(EngineScript script, KeyedMemory memory) {
            if (memory instanceof RegisteredMemory region) {
                script.registered(now(), region);
            } else {
                script.refuse("its device has memory that a script cannot have: " + memory);
            }
        }

        @Override
        public void deregistered(int key) {
            memories.remove(key);
            open.values().forEach(script -> script.deregistered(now(), key));
        }

        @Override
        public void created(QueuePairCore queuePair) {
            // Scripts are of reliable connections, with a receive queue of their own.
            if (queuePair.type() != QueuePairType.RC || queuePair.receives().shared() != null) {
                return;
            }
            EngineScript script = new EngineScript(node, queuePair, now());
            memories.values().forEach(memory -> register(script, memory));
            open.put(queuePair.number(), script);
            all.add(script);
        }

        @Override
        public void moved(QueuePairCore queuePair) {
            on(queuePair, script -> script.moved(now()));
        }

        @Override
        public void failed(QueuePairCore queuePair, Explanation why) {
            on(queuePair, script -> script.failed(why));
        }

        @Override
        public void closed(QueuePairCore queuePair) {
            open.remove(queuePair.number());
        }

        @Override
        public void posted(QueuePairCore queuePair, SendWqe request) {
            on(queuePair, script -> script.posted(now(), request));
        }

        @Override
        public void posted(QueuePairCore queuePair, ReceiveWqe request) {
            on(queuePair, script -> script.posted(now(), request));
        }

        @Override
        public void received(QueuePairCore queuePair, InboundPacket packet) {
            on(queuePair, script -> script.received(now(), packet));
        }

        @Override
        public void turn(QueuePairCore queuePair) {
            on(queuePair, script -> script.log().turn(now()));
        }

        @Override
        public void timer(QueuePairCore queuePair) {
            on(queuePair, script -> script.log().timer(now()));
        }

        @Override
        public void acknowledge(QueuePairCore queuePair) {
            on(queuePair, script -> script.log().statement(now(), "acknowledge"));
        }

        @Override
        public void noRoom(QueuePairCore queuePair) {
            on(queuePair, script -> script.log().noRoom());
        }

        @Override
        public void sent(QueuePairCore queuePair, OutboundPacket packet) {
            on(queuePair, script -> script.sent(now(), packet));
        }

        @Override
        public void completed(
                QueuePairCore queuePair,
                boolean receive,
                boolean kept,
                CompletionEntry completion) {
            on(
                    queuePair,
                    script ->
                            script.log()
                                    .completed(
                                            now(),
                                            receive,
                                            completion.toWorkCompletion(),
                                            completion.isSolicited()));
        }

        @Override
        public void raised(QueuePairCore queuePair, AsyncEventType type) {
            on(queuePair, script -> script.log().raised(now(), type));
        }
    }
}
