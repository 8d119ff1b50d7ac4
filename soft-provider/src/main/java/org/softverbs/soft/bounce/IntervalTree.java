package org.softverbs.soft.bounce;

import java.util.Optional;

/// Intervals by their start in a red-black tree, in which each node also knows the greatest end
/// below it: so a search for what overlaps a range leaves out whole subtrees that end too early.
/// Intervals may overlap each other and be the same. All numbers are unsigned.
///
/// Source: the algorithms of Cormen, Leiserson, Rivest and Stein, chapters 13 and 14.3; the queries
/// answer as those of `include/linux/interval_tree_generic.h`.
final class IntervalTree {

    /// Stands for every missing node, so that none is null. Black, and ends before all others.
    private final IotlbMap nil = new IotlbMap(0, 0, 0, IotlbPermission.READ_ONLY);

    private IotlbMap root = nil;

    /// The interval with the lowest start of those that overlap a range.
    Optional<IotlbMap> first(long start, long last) {
        return reaches(root, start) ? search(root, start, last) : Optional.empty();
    }

    /// The one behind another in the order of starts, of those that overlap the same range.
    Optional<IotlbMap> next(IotlbMap previous, long start, long last) {
        IotlbMap node = previous;
        while (true) {
            if (reaches(node.right, start)) {
                return search(node.right, start, last);
            }
            IotlbMap child = node;
            node = node.parent;
            while (node != nil && node.right == child) {
                child = node;
                node = node.parent;
            }
            if (node == nil || !node.startsAtOrBelow(last)) {
                return Optional.empty();
            }
            if (node.endsAtOrAbove(start)) {
                return Optional.of(node);
            }
        }
    }

    /// Whether anything in a subtree ends at an address or above.
    private boolean reaches(IotlbMap node, long start) {
        return node != nil && Long.compareUnsigned(start, node.subtreeLast) <= 0;
    }

    /// What is leftmost in a subtree that [#reaches] the start. If its left part reaches it, the
    /// answer is there or nowhere: what reaches the start there, but starts too late, shows that
    /// all to the right start too late as well.
    private Optional<IotlbMap> search(IotlbMap subtree, long start, long last) {
        IotlbMap node = subtree;
        while (true) {
            if (reaches(node.left, start)) {
                node = node.left;
            } else if (!node.startsAtOrBelow(last)) {
                return Optional.empty();
            } else if (node.endsAtOrAbove(start)) {
                return Optional.of(node);
            } else if (reaches(node.right, start)) {
                node = node.right;
            } else {
                return Optional.empty();
            }
        }
    }

    void insert(IotlbMap node) {
        IotlbMap above = nil;
        boolean asLeft = false;
        IotlbMap at = root;
        while (at != nil) {
            above = at;
            asLeft = Long.compareUnsigned(node.start(), at.start()) < 0;
            at = asLeft ? at.left : at.right;
        }
        node.left = nil;
        node.right = nil;
        node.parent = above;
        node.red = true;
        if (above == nil) {
            root = node;
        } else if (asLeft) {
            above.left = node;
        } else {
            above.right = node;
        }
        updateUpwards(node);
        repairAfterInsert(node);
    }

    private void repairAfterInsert(IotlbMap inserted) {
        IotlbMap node = inserted;
        while (node.parent.red) {
            IotlbMap grandparent = node.parent.parent;
            boolean onLeft = node.parent == grandparent.left;
            IotlbMap uncle = onLeft ? grandparent.right : grandparent.left;
            if (uncle.red) {
                node.parent.red = false;
                uncle.red = false;
                grandparent.red = true;
                node = grandparent;
                continue;
            }
            if (node == (onLeft ? node.parent.right : node.parent.left)) {
                node = node.parent;
                rotate(node, onLeft);
            }
            node.parent.red = false;
            grandparent.red = true;
            rotate(grandparent, !onLeft);
        }
        root.red = false;
    }

    void remove(IotlbMap node) {
        boolean lostBlack = !node.red;
        IotlbMap gap;
        if (node.left == nil) {
            gap = node.right;
            replace(node, gap);
        } else if (node.right == nil) {
            gap = node.left;
            replace(node, gap);
        } else {
            IotlbMap successor = leftmost(node.right);
            lostBlack = !successor.red;
            gap = successor.right;
            if (successor.parent == node) {
                gap.parent = successor;
            } else {
                replace(successor, gap);
                successor.right = node.right;
                successor.right.parent = successor;
            }
            replace(node, successor);
            successor.left = node.left;
            successor.left.parent = successor;
            successor.red = node.red;
        }
        updateUpwards(gap.parent);
        if (lostBlack) {
            repairAfterRemove(gap);
        }
        nil.parent = nil;
    }

    private IotlbMap leftmost(IotlbMap subtree) {
        IotlbMap node = subtree;
        while (node.left != nil) {
            node = node.left;
        }
        return node;
    }

    /// Puts a subtree in the place of another.
    private void replace(IotlbMap old, IotlbMap by) {
        if (old.parent == nil) {
            root = by;
        } else if (old == old.parent.left) {
            old.parent.left = by;
        } else {
            old.parent.right = by;
        }
        by.parent = old.parent;
    }

    private void repairAfterRemove(IotlbMap gap) {
        IotlbMap node = gap;
        while (node != root && !node.red) {
            boolean onLeft = node == node.parent.left;
            IotlbMap sibling = sibling(node, onLeft);
            if (sibling.red) {
                sibling.red = false;
                node.parent.red = true;
                rotate(node.parent, onLeft);
                sibling = sibling(node, onLeft);
            }
            if (!sibling.left.red && !sibling.right.red) {
                sibling.red = true;
                node = node.parent;
                continue;
            }
            IotlbMap far = onLeft ? sibling.right : sibling.left;
            if (!far.red) {
                (onLeft ? sibling.left : sibling.right).red = false;
                sibling.red = true;
                rotate(sibling, !onLeft);
                sibling = sibling(node, onLeft);
            }
            sibling.red = node.parent.red;
            node.parent.red = false;
            (onLeft ? sibling.right : sibling.left).red = false;
            rotate(node.parent, onLeft);
            node = root;
        }
        node.red = false;
    }

    private static IotlbMap sibling(IotlbMap node, boolean onLeft) {
        return onLeft ? node.parent.right : node.parent.left;
    }

    /// Lets a child take the place of its parent: the right one when the parent goes left.
    private void rotate(IotlbMap top, boolean goesLeft) {
        IotlbMap child = goesLeft ? top.right : top.left;
        IotlbMap between = goesLeft ? child.left : child.right;
        replace(top, child);
        if (goesLeft) {
            top.right = between;
            child.left = top;
        } else {
            top.left = between;
            child.right = top;
        }
        if (between != nil) {
            between.parent = top;
        }
        top.parent = child;
        update(top);
        update(child);
    }

    private void updateUpwards(IotlbMap lowest) {
        for (IotlbMap node = lowest; node != nil; node = node.parent) {
            update(node);
        }
    }

    private static void update(IotlbMap node) {
        long below = max(node.left.subtreeLast, node.right.subtreeLast);
        node.subtreeLast = max(node.last(), below);
    }

    private static long max(long one, long other) {
        return Long.compareUnsigned(one, other) >= 0 ? one : other;
    }

    /// Levels of the tree; fails when it is not in order. For tests.
    int checkedHeight() {
        return height(root) - 1;
    }

    private int height(IotlbMap node) {
        if (node == nil) {
            return 1;
        }
        long kept = node.subtreeLast;
        update(node);
        boolean twoReds = node.red && (node.left.red || node.right.red);
        if (kept != node.subtreeLast || twoReds) {
            throw new IllegalStateException("out of order at " + node);
        }
        if (blackHeight(node.left) != blackHeight(node.right)) {
            throw new IllegalStateException("out of balance at " + node);
        }
        return 1 + Math.max(height(node.left), height(node.right));
    }

    private int blackHeight(IotlbMap node) {
        int height = 0;
        for (IotlbMap at = node; at != nil; at = at.left) {
            height += at.red ? 0 : 1;
        }
        return height;
    }
}
