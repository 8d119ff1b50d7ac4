/// The demonstration: two nodes that carry out every operation of a reliable connection, check the
/// data and give an account of it.
///
/// Depends on the verbs API and `tool`.
@NullMarked
package org.softverbs.ulp.demo;

import org.jspecify.annotations.NullMarked;
