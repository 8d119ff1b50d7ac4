package org.softverbs.soft.link.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// An event loop without a thread: it runs in whichever thread owns the device, when that thread
/// says so.
///
/// Netty's own `ManualIoEventLoop` is bound to one thread for life; here the right to run passes
/// from thread to thread with the device's lock, which also orders what they do.
final class OwnerEventLoop extends AbstractScheduledEventExecutor implements IoEventLoop {

    /// Tells the I/O handler how long it may wait.
    private final class WaitContext implements IoHandlerContext {

        private long deadlineNanos;
        private boolean mayWait;

        @Override
        public boolean canBlock() {
            // The handler asks again after it has announced that it will wait: a wake-up from
            // before
            // that is seen here, a later one by the handler.
            return mayWait && !wakeupRequested && tasks.isEmpty();
        }

        @Override
        public long delayNanos(long currentTimeNanos) {
            return mayWait ? Math.max(0, deadlineNanos - currentTimeNanos) : 0;
        }

        @Override
        public long deadlineNanos() {
            return mayWait ? deadlineNanos : -1;
        }
    }

    private record EpollSocket(EpollIoHandle handle, IoRegistration registration) {}

    /// Tells an epoll channel that its socket can be read.
    private static final EpollIoEvent READABLE = () -> EpollIoOps.EPOLLIN;

    /// How often one who spins looks at the rest of what can happen: room to send, wake-ups.
    private static final int READS_BETWEEN_SELECTS = 64;

    private final BooleanSupplier ownership;
    private final IoHandler handler;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final WaitContext context = new WaitContext();
    private final Promise<Void> termination = new DefaultPromise<>(GlobalEventExecutor.INSTANCE);
    private final List<EpollSocket> sockets = new ArrayList<>();
    private int reads;
    private volatile boolean wakeupRequested;
    private volatile boolean shutDown;

    /// @param ownership whether the calling thread owns the device
    /// @param factory makes the I/O handler
    OwnerEventLoop(BooleanSupplier ownership, IoHandlerFactory factory) {
        this.ownership = ownership;
        this.handler = factory.newHandler(this);
        handler.initialize();
    }

    /// Handles what is ready, waiting for the first of it; for the owner.
    void run(long waitNanos) {
        if (shutDown) {
            return;
        }
        boolean direct = waitNanos == 0 && readsDirectly();
        if (!direct || ++reads == READS_BETWEEN_SELECTS) {
            reads = 0;
            select(waitNanos);
        }
        if (direct) {
            readSockets();
        }
        runTasks();
    }

    private void select(long waitNanos) {
        context.mayWait = waitNanos > 0;
        if (context.mayWait) {
            context.deadlineNanos = ticker().nanoTime() + waitNanos;
        }
        handler.run(context);
        wakeupRequested = false;
    }

    /// Whether [#run] without waiting reads the sockets whether or not something was announced.
    boolean readsDirectly() {
        return !sockets.isEmpty();
    }

    /// Reads each socket without asking first whether there is something: one who spins hears of a
    /// datagram one system call earlier, and its sender has nobody to tell.
    private void readSockets() {
        for (int i = 0; i < sockets.size(); i++) {
            EpollSocket socket = sockets.get(i);
            if (socket.registration().isValid()) {
                socket.handle().handle(socket.registration(), READABLE);
            } else {
                sockets.remove(i--);
            }
        }
    }

    void runTasks() {
        Runnable task = tasks.poll();
        while (task != null) {
            safeExecute(task);
            task = tasks.poll();
        }
    }

    /// Ends a wait, or the next one; any thread.
    void wakeup() {
        if (!shutDown) {
            wakeupRequested = true;
            handler.wakeup();
        }
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        return thread == Thread.currentThread() && ownership.getAsBoolean();
    }

    @Override
    public void execute(Runnable task) {
        if (shutDown) {
            throw new RejectedExecutionException("the event loop is shut down");
        }
        tasks.add(task);
        if (!inEventLoop()) {
            wakeup();
        }
    }

    /// Ends the loop; for the owner, after its channels are closed.
    void destroy() {
        runTasks();
        shutDown = true;
        handler.prepareToDestroy();
        runTasks();
        handler.destroy();
        termination.trySuccess(null);
    }

    @Override
    public @Nullable IoEventLoopGroup parent() {
        return null;
    }

    @Override
    public IoEventLoop next() {
        return this;
    }

    @Override
    @Deprecated
    public ChannelFuture register(Channel channel) {
        return register(new DefaultChannelPromise(channel, this));
    }

    @Override
    @Deprecated
    public ChannelFuture register(ChannelPromise promise) {
        promise.channel().unsafe().register(this, promise);
        return promise;
    }

    @Override
    @Deprecated
    public ChannelFuture register(Channel channel, ChannelPromise promise) {
        channel.unsafe().register(this, promise);
        return promise;
    }

    @Override
    public Future<IoRegistration> register(IoHandle handle) {
        Promise<IoRegistration> promise = newPromise();
        try {
            IoRegistration registration = handler.register(handle);
            if (handle instanceof EpollIoHandle epoll) {
                sockets.add(new EpollSocket(epoll, registration));
            }
            promise.setSuccess(registration);
        } catch (Exception e) {
            promise.setFailure(e);
        }
        return promise;
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
        return handler.isCompatible(handleType);
    }

    @Override
    public boolean isIoType(Class<? extends IoHandler> handlerType) {
        return handler.getClass().equals(handlerType);
    }

    @Override
    public boolean isShuttingDown() {
        return shutDown;
    }

    @Override
    public boolean isShutdown() {
        return shutDown;
    }

    @Override
    public boolean isTerminated() {
        return termination.isDone();
    }

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        return termination;
    }

    @Override
    public Future<?> terminationFuture() {
        return termination;
    }

    @Override
    @Deprecated
    public void shutdown() {
        destroy();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return termination.await(timeout, unit);
    }
}
