package org.softverbs.rw;

import org.softverbs.verbs.DeviceAttributes;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.QueuePair;

/// What of a device and a queue pair bears on the choice between elements and registrations.
///
/// Kernel names: `rdma_rw_io_needs_mr`, `rdma_rw_can_use_mr`, `rdma_rw_fr_page_list_len`.
///
/// @param readNeedsRegistration whether the sink of a READ is named on the wire, as with iWARP
/// @param maxSge elements of one request (`max_send_sge`)
/// @param maxSgeRead elements of one READ (`max_sge_rd`)
/// @param maxSglRead segments above which a READ is better registered (`max_sgl_rd`); 0 for none
/// @param registrationPages pages of one registration; 0 for a device that has none
/// @param maxMessage bytes of one request
/// @param forceRegistration whether every I/O is registered (`force_mr`)
public record ReadWriteLimits(
        boolean readNeedsRegistration,
        int maxSge,
        int maxSgeRead,
        int maxSglRead,
        int registrationPages,
        long maxMessage,
        boolean forceRegistration) {

    /// More pages than this are never put into one registration, however many the device takes.
    public static final int MOST_REGISTRATION_PAGES = 256;

    /// @throws IllegalArgumentException for a count out of range, and when there must be
    ///     registrations and there can be none
    public ReadWriteLimits {
        require("maxSge", maxSge, 1);
        require("maxSgeRead", maxSgeRead, 1);
        require("maxSglRead", maxSglRead, 0);
        boolean must = readNeedsRegistration || forceRegistration;
        require("registrationPages", registrationPages, must ? 1 : 0);
        require("maxMessage", maxMessage, 1);
        registrationPages = Math.min(registrationPages, MOST_REGISTRATION_PAGES);
    }

    private static void require(String name, long value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " " + value + " is below " + least);
        }
    }

    /// The limits of a queue pair over RoCE.
    ///
    /// @param forceRegistration whether every I/O is registered
    public static ReadWriteLimits of(QueuePair queuePair, boolean forceRegistration) {
        DeviceContext context = queuePair.protectionDomain().context();
        DeviceAttributes device = context.queryDevice();
        return new ReadWriteLimits(
                false,
                queuePair.capabilities().maxSendSge(),
                device.maxReadSge(),
                device.maxReadSegments(),
                device.maxFastRegistrationPages(),
                context.queryPort(1).maxMessageSize(),
                forceRegistration);
    }

    /// Whether an I/O can come to need a registration at all: then there has to be a pool, and room
    /// in the send queue.
    public boolean mayRegister() {
        return registrationPages > 0
                && (readNeedsRegistration || maxSglRead > 0 || forceRegistration);
    }

    /// Elements of one request in a direction.
    int elementsPerRequest(boolean read) {
        return read ? Math.min(maxSge, maxSgeRead) : maxSge;
    }

    /// Requests that the send queue must hold for each I/O under way that takes one registration or
    /// one request: a registration takes an invalidation and a registration beside the operation
    /// itself.
    public int requestsPerContext() {
        return requestsPerContext(1, false);
    }

    /// Requests that the send queue must hold for each I/O under way.
    ///
    /// @param pages of the largest I/O, those that it has a part of counted in
    /// @param signed whether there are I/Os with a signature, which are always registered
    /// @throws IllegalArgumentException for no pages
    public int requestsPerContext(int pages, boolean signed) {
        require("pages", pages, 1);
        int requests = Math.ceilDiv(pages, elementsPerRequest(true));
        int registered = Math.max(registrationsPerContext(pages), signed ? 1 : 0);
        return Math.max(requests, 3 * registered);
    }

    /// Registrations that an I/O takes at most where there are no gaps inside of pages
    /// (`rdma_rw_mr_factor`); 0 when none can be needed.
    ///
    /// @param pages of the largest I/O, those that it has a part of counted in
    public int registrationsPerContext(int pages) {
        return mayRegister() ? Math.ceilDiv(pages, registrationPages) : 0;
    }
}
