package org.softverbs.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.softverbs.soft.wire.packet.Captures;
import org.softverbs.soft.wire.packet.Captures.Found;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.RoceOpcode;

/// Makes inputs for the targets of the packets in the captures. `main` writes them where they are
/// committed; a test holds the files against it.
final class SeedFiles {

    private static final int MOST_FILES = 100;
    private static final int LARGEST = 2048;
    private static final int LONGEST_HEADER_INPUT = 600;
    private static final int FOR_DEVICE = 0x1f;
    private static final byte CAPTURED = (byte) 0xfa;
    private static final byte READ = 5;
    private static final int SETTINGS = 7;

    private SeedFiles() {}

    /// Writes all files.
    public static void main(String[] arguments) throws IOException {
        for (Map.Entry<String, Map<String, byte[]>> target : all().entrySet()) {
            Path folder = Files.createDirectories(Runs.folder(target.getKey()));
            for (Map.Entry<String, byte[]> file : target.getValue().entrySet()) {
                Files.write(folder.resolve(file.getKey()), file.getValue());
            }
        }
    }

    /// Inputs by name, by target.
    static Map<String, Map<String, byte[]>> all() {
        Map<String, Map<String, byte[]>> all = new TreeMap<>();
        all.put("header", headers());
        all.put("responder", conversations(true));
        all.put("requester", conversations(false));
        return all;
    }

    /// One packet of each opcode and capture, as it is and addressed to the device.
    private static Map<String, byte[]> headers() {
        Map<String, byte[]> inputs = new LinkedHashMap<>();
        for (Found found : Captures.packets()) {
            byte[] datagram = found.roce().datagram();
            if (found.roce().parse() instanceof RocePacket.Accepted accepted
                    && datagram.length <= LONGEST_HEADER_INPUT) {
                RoceOpcode opcode = accepted.packet().bth().opcode();
                String name = opcode + "-" + datagram.length % 4 + datagram.length / 64;
                if (inputs.size() < MOST_FILES) {
                    inputs.putIfAbsent(name, headerInput(0, datagram));
                    inputs.putIfAbsent(name + "-ours", headerInput(FOR_DEVICE, datagram));
                }
            }
        }
        return inputs;
    }

    private static byte[] headerInput(int what, byte[] datagram) {
        byte[] input = new byte[datagram.length + 1];
        input[0] = (byte) what;
        System.arraycopy(datagram, 0, input, 1, datagram.length);
        return input;
    }

    /// The requests, or the answers, of each capture, one step each.
    private static Map<String, byte[]> conversations(boolean requests) {
        Map<String, byte[]> inputs = new LinkedHashMap<>();
        for (Path file : Captures.files()) {
            Map<Integer, ByteArrayOutputStream> byQueuePair = new LinkedHashMap<>();
            for (Found found : Captures.packets(file)) {
                if (found.roce().parse() instanceof RocePacket.Accepted accepted) {
                    add(byQueuePair, accepted.packet(), requests);
                }
            }
            for (Map.Entry<Integer, ByteArrayOutputStream> each : byQueuePair.entrySet()) {
                String name = "%s-%06x".formatted(file.getFileName(), each.getKey());
                if (inputs.size() < MOST_FILES) {
                    inputs.put(name.replace(".pcap", ""), each.getValue().toByteArray());
                }
            }
        }
        return inputs;
    }

    private static void add(
            Map<Integer, ByteArrayOutputStream> byQueuePair, RocePacket packet, boolean requests) {
        RoceOpcode opcode = packet.bth().opcode();
        if (opcode.service() != RoceOpcode.Service.RC || opcode.isRequest() != requests) {
            return;
        }
        ByteArrayOutputStream input =
                byQueuePair.computeIfAbsent(
                        packet.bth().destinationQpn(), number -> beginning(requests));
        if (input.size() + opcode.headerLength() + 8 > LARGEST) {
            return;
        }
        input.write(CAPTURED);
        input.writeBytes(Arrays.copyOf(packet.encode().array(), opcode.headerLength()));
        input.write(packet.payload().length() >> Byte.SIZE);
        input.write(packet.payload().length());
    }

    /// Settings, and then receives or requests for what comes.
    private static ByteArrayOutputStream beginning(boolean requests) {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        if (requests) {
            input.writeBytes(new byte[] {(byte) 0xff, 0, 0, 0, 0});
            for (int i = 0; i < Bench.SLOTS; i++) {
                // A receive with one element of 700 bytes.
                input.writeBytes(new byte[] {(byte) 160, 1, -1, 0, 0, 3, 0, 0});
            }
        } else {
            input.writeBytes(new byte[SETTINGS]);
            for (int i = 0; i < Bench.SLOTS / 2; i++) {
                // SEND, RDMA READ and others of one element.
                byte operation = (byte) (i % 2 == 0 ? READ : i);
                input.writeBytes(new byte[] {0, operation, -1, -1, -1, 0, 0});
                if (operation != READ) {
                    input.write(-1);
                }
                byte[] post = {0, 0, 0, 4, 0, -1, 0, 0, -1, -1};
                input.writeBytes(post);
            }
        }
        return input;
    }
}
