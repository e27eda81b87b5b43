//! The list of what was recorded; it grows while it is shared.

use std::cell::{Cell, RefCell};

/// One operation, as backpropagation sees it: the slots of its two operands, and the derivative by each. 24 bytes.
#[derive(Clone, Copy, Default)]
pub(super) struct Node {
    pub operands: [u32; 2],
    pub slopes: [f64; 2],
}

/// A list of nodes that is appended to through a shared reference.
///
/// What fits the room is one check and one store. The rest spills into an ordinary vector (some nanoseconds a node), and
/// [`clear`](Nodes::clear) makes the room that was missing, so the next recording of that size is fast.
#[derive(Default)]
pub(super) struct Nodes {
    len: Cell<u32>,
    room: Box<[Cell<Node>]>,
    spill: RefCell<Vec<Node>>,
}

impl Nodes {
    #[inline(always)]
    pub fn len(&self) -> u32 {
        self.len.get()
    }

    #[inline(always)]
    pub fn push(&self, node: Node) {
        let index = self.len.get();
        match self.room.get(index as usize) {
            Some(place) => place.set(node),
            None => self.spill(node.operands[0], node.operands[1], node.slopes[0], node.slopes[1]),
        }
        self.len.set(index + 1);
    }

    /// Takes the node in pieces: if its address were needed here, every node would be built on the stack and copied
    /// (measured: four times the time of recording).
    ///
    /// # Panics
    /// If the numbers of slots run out.
    #[cold]
    #[inline(never)]
    fn spill(&self, left: u32, right: u32, left_slope: f64, right_slope: f64) {
        assert!(self.len.get() < 1 << 31, "a scalar tape holds at most 2³¹ operations");
        self.spill.borrow_mut().push(Node { operands: [left, right], slopes: [left_slope, right_slope] });
    }

    /// Makes the list empty, with room for half as much again as it ever held.
    pub fn clear(&mut self) {
        if !self.spill.get_mut().is_empty() {
            let room = self.len.get() as usize / 2 * 3;
            (self.room, self.spill) = (Box::default(), RefCell::default()); // first, so that both never exist at once
            self.room = vec![Cell::default(); room].into_boxed_slice();
        }
        self.len.set(0);
    }

    /// Calls back for each of the first `count` nodes, the last one first.
    #[inline(always)]
    pub fn backwards(&self, count: usize, mut each: impl FnMut(usize, Node)) {
        let roomy = count.min(self.room.len());
        for (place, node) in self.spill.borrow()[..count - roomy].iter().enumerate().rev() {
            each(self.room.len() + place, *node);
        }
        for (index, node) in self.room[..roomy].iter().enumerate().rev() {
            each(index, node.get());
        }
    }
}
