/**
 * The {@code softverbs} command: its built-in subcommands, and the way to those that other modules
 * add as {@link java.util.spi.ToolProvider}s.
 *
 * <p>Exit codes: 0 success, 1 failure (one line on stderr says why), 2 usage. Owner thread: the
 * main thread. May depend on everything in this module.
 */
@NullMarked
package org.softverbs.cli;

import org.jspecify.annotations.NullMarked;
