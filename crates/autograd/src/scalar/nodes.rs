//! The list of what was recorded; it grows while it is shared.

use std::cell::{Cell, RefCell};
use std::{ptr, slice};

/// One operation, as backpropagation sees it: the slots of its two operands, and the derivative by each. 24 bytes.
#[derive(Clone, Copy, Default)]
pub(super) struct Node {
    pub operands: [u32; 2],
    pub slopes: [f64; 2],
}

/// The nodes of a tape, appended to through a shared reference and read by slot.
///
/// They lie in segments, which are filled one after another and stay when the list is cleared. So appending one is a look
/// at the open segment's end and a store; nothing is ever moved.
pub(super) struct Nodes {
    /// The slots below this one have no node.
    first: Cell<u32>,
    /// The slot of the next node.
    next: Cell<u32>,
    /// The first slot for which the open segment has no room.
    end: Cell<u32>,
    /// Where the node of slot 0 would be if the open segment reached down to it.
    origin: Cell<*mut Node>,
    /// How many segments were opened since the list was empty.
    opened: Cell<usize>,
    /// Room alone, as far as a vector knows: up to where it is filled, `next` tells.
    segments: RefCell<Vec<Vec<Node>>>,
}

// SAFETY: `origin` leads into `segments`, which go to the other thread with it (test `a_tape_moves_to_another_thread`).
unsafe impl Send for Nodes {}

impl Default for Nodes {
    fn default() -> Self {
        let [first, next, end] = [1; 3].map(Cell::new);
        let (origin, opened) = (Cell::new(ptr::null_mut()), Cell::new(0));
        Nodes { first, next, end, origin, opened, segments: RefCell::default() }
    }
}

impl Nodes {
    /// The first slot that has a node.
    pub fn first(&self) -> u32 {
        self.first.get()
    }

    /// The slot of the next node.
    pub fn next(&self) -> u32 {
        self.next.get()
    }

    /// Leaves out slots, which get no nodes, and returns the first of them; nothing if the list has a node already.
    pub fn skip(&self, count: u32) -> Option<u32> {
        let slot = self.next.get();
        (slot == self.first.get()).then(|| {
            self.start_at(slot + count);
            slot
        })
    }

    /// Makes the list empty.
    pub fn clear(&mut self) {
        self.opened.set(0);
        self.start_at(1);
    }

    fn start_at(&self, slot: u32) {
        for cell in [&self.first, &self.next, &self.end] {
            cell.set(slot);
        }
    }

    /// Appends the node that is made from its own slot, and returns this slot.
    #[inline(always)]
    pub fn push(&self, node: impl FnOnce(u32) -> Node) -> u32 {
        let slot = self.next.get();
        if slot == self.end.get() {
            self.open_segment();
        }
        let place = self.origin.get().wrapping_add(slot as usize);
        // SAFETY: `slot` is one of those from the open segment's first up to `end`, so `place` lies in its room; the room
        // stays where it is, and only `backwards` looks into it (tests `deep_chains`, `a_small_problem_after_a_large_one`).
        unsafe { place.write(node(slot)) };
        self.next.set(slot + 1);
        slot
    }

    /// # Panics
    /// If the numbers of slots run out.
    #[cold]
    #[inline(never)]
    fn open_segment(&self) {
        let (next, opened, mut segments) = (self.next.get(), self.opened.get(), self.segments.borrow_mut());
        assert!(next < 1 << 31, "a scalar tape holds at most 2³¹ operations");
        if opened == segments.len() {
            // Three times what there is, up to 24 MiB: most allocators keep a few large pieces for the next tape, and
            // give many small ones back to the system.
            let there = (next - self.first.get()) as usize;
            segments.push(Vec::with_capacity((3 * there).clamp(1 << 8, 1 << 20)));
        }
        let segment = &mut segments[opened];
        self.origin.set(segment.as_mut_ptr().wrapping_sub(next as usize));
        self.end.set(next + segment.capacity() as u32);
        self.opened.set(opened + 1);
    }

    /// Calls back for each node below the slot `end`, the last one first.
    #[inline(always)]
    pub fn backwards(&self, end: usize, mut each: impl FnMut(usize, Node)) {
        let segments = self.segments.borrow();
        let mut start = self.first.get() as usize + segments.iter().map(Vec::capacity).sum::<usize>();
        for segment in segments.iter().rev() {
            start -= segment.capacity();
            let filled = end.min(self.next.get() as usize).saturating_sub(start).min(segment.capacity());
            // SAFETY: `push` has written every slot below `next`, and writes none of them again before `clear`.
            let nodes = unsafe { slice::from_raw_parts(segment.as_ptr(), filled) };
            let mut slot = start + filled;
            for node in nodes.iter().rev() {
                slot -= 1;
                each(slot, *node);
            }
        }
    }
}
