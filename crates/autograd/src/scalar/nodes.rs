//! The list of what was recorded; it grows while it is shared.

use std::cell::{Cell, OnceCell};

/// One operation, as backpropagation sees it: where its two operands are, and the derivative by each. 24 bytes.
#[derive(Clone, Copy, Default)]
pub(super) struct Node {
    pub operands: [u32; 2],
    pub slopes: [f64; 2],
}

/// The number of nodes in the first block; each further one is twice as long.
const FIRST: u32 = 1 << 10;

/// A list of nodes in blocks, so that a node, once written, never moves: appending needs no exclusive access and no
/// check but that of the block's end.
#[derive(Default)]
pub(super) struct Nodes {
    len: Cell<u32>,
    blocks: [OnceCell<Box<[Cell<Node>]>>; 22],
}

/// The block of a node, and its place there.
#[inline(always)]
fn locate(index: u32) -> (usize, usize) {
    let shifted = index + FIRST;
    let top = shifted.ilog2();
    ((top - FIRST.ilog2()) as usize, (shifted - (1 << top)) as usize)
}

impl Nodes {
    #[inline(always)]
    pub fn len(&self) -> u32 {
        self.len.get()
    }

    #[inline(always)]
    pub fn push(&self, node: Node) {
        let index = self.len.get();
        let (block, place) = locate(index);
        self.blocks[block].get_or_init(|| new_block(block))[place].set(node);
        self.len.set(index + 1);
    }

    pub fn clear(&mut self) {
        self.len.set(0);
    }

    /// Calls back for each of the first `count` nodes, the last one first.
    #[inline(always)]
    pub fn backwards(&self, count: usize, mut each: impl FnMut(usize, Node)) {
        let mut end = count;
        for (block, nodes) in self.blocks.iter().enumerate().rev() {
            let start = ((FIRST as usize) << block) - FIRST as usize;
            let Some(nodes) = nodes.get().filter(|_| start < end) else { continue };
            for (place, node) in nodes[..end - start].iter().enumerate().rev() {
                each(start + place, node.get());
            }
            end = start;
        }
    }
}

#[cold]
fn new_block(block: usize) -> Box<[Cell<Node>]> {
    vec![Cell::default(); (FIRST as usize) << block].into_boxed_slice()
}
