package org.softverbs.verbs.spi;

/** What a provider of RDMA devices implements. */
public interface RdmaProvider {}
