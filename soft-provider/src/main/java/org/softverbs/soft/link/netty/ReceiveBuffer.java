package org.softverbs.soft.link.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// The one buffer that a socket receives into, seen three ways: as Netty wants it, as the CRC wants
/// it and as engines want it. Datagrams are handled before the next read, so that one is enough.
final class ReceiveBuffer extends DefaultMaxMessagesRecvByteBufAllocator {

    private final MemorySegment segment;
    private final ByteBuffer bytes;
    private final ByteBuf buffer;
    private final long baseAddress;

    ReceiveBuffer(int capacity) {
        super(1);
        segment = Arena.ofAuto().allocate(capacity, Long.BYTES);
        bytes = segment.asByteBuffer();
        buffer = Unpooled.wrappedBuffer(segment.asByteBuffer());
        baseAddress = buffer.memoryAddress();
    }

    MemorySegment segment() {
        return segment;
    }

    ByteBuffer bytes() {
        return bytes;
    }

    /// Where the content of a datagram starts in this buffer.
    int offsetOf(ByteBuf content) {
        return (int) (content.memoryAddress() - baseAddress) + content.readerIndex();
    }

    void release() {
        buffer.release();
    }

    @Override
    @SuppressWarnings("deprecation")
    public Handle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public int guess() {
                return buffer.capacity();
            }

            @Override
            public ByteBuf allocate(ByteBufAllocator allocator) {
                return buffer.clear().retain();
            }
        };
    }
}
