/// The option `--record` of all commands of this module.
@NullMarked
package org.softverbs.ulp.record;

import org.jspecify.annotations.NullMarked;
