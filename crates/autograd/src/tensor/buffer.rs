//! Memory, recycled by a pool on each thread: 64-byte-aligned buffers, and the headers of tensors.

pub(crate) use super::size_class::ALIGNMENT;
use super::size_class::{bytes_of, class_of};
use crate::algebra::Real;
use std::alloc::{Layout, alloc, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering, fence};

/// What the pool of one thread keeps at most, in bytes.
const POOL_LIMIT: usize = 1 << 30;

/// An owned block of numbers. Every byte of it is initialised at all times, though a fresh buffer holds whatever its
/// last owner left; the length is rounded up to whole cache lines so that loops need no remainder.
pub(crate) struct Buffer<T> {
    start: NonNull<T>,
    class: usize,
    of: PhantomData<T>,
}

// SAFETY: a buffer owns its memory and `T` is a plain number (`Real`), so it may move between threads and be read
// from several. Exercised by `tests/memory.rs::tensors_cross_threads`.
unsafe impl<T: Real> Send for Buffer<T> {}
unsafe impl<T: Real> Sync for Buffer<T> {}

impl<T: Real> Buffer<T> {
    /// A buffer of at least `elements` numbers, of arbitrary values.
    pub(crate) fn new(elements: usize) -> Self {
        let class = class_of(elements * size_of::<T>());
        Buffer { start: take(class).cast(), class, of: PhantomData }
    }

    /// Everything, including the room beyond the elements that were asked for.
    pub(crate) fn as_slice(&self) -> &[T] {
        // SAFETY: `start` points to `bytes_of(class)` initialised bytes owned by this buffer, aligned to 64 bytes;
        // every bit pattern is a valid `T` (f32 or f64).
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), bytes_of(self.class) / size_of::<T>()) }
    }

    /// Everything, mutably.
    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: as above, and `&mut self` makes the access exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), bytes_of(self.class) / size_of::<T>()) }
    }
}

impl<T> Drop for Buffer<T> {
    fn drop(&mut self) {
        give_back(self.start.cast(), self.class);
    }
}

/// What the buffers of this thread came from, since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolStatistics {
    /// Buffers that were asked of the operating system.
    pub allocated: u64,
    /// Buffers that were found in the pool.
    pub reused: u64,
    /// Bytes that wait in the pool.
    pub pooled_bytes: usize,
}

/// How this thread's buffer pool has done so far: a training step in steady state allocates nothing.
///
/// ```
/// use autograd::{Tensor, pool_statistics};
/// let make = || Tensor::<f32>::zeros([100, 100]);
/// drop(make());
/// let before = pool_statistics();
/// drop(make());
/// assert_eq!(pool_statistics().allocated, before.allocated);
/// ```
pub fn pool_statistics() -> PoolStatistics {
    POOL.with(|pool| pool.statistics.get())
}

#[derive(Default)]
struct Pool {
    /// Idle blocks by size class.
    idle: RefCell<Vec<Vec<NonNull<u8>>>>,
    /// Idle blocks for headers. They never become buffers: what lay in them leaves bytes that are not initialised.
    headers: RefCell<Vec<NonNull<u8>>>,
    statistics: Cell<PoolStatistics>,
}

impl Drop for Pool {
    fn drop(&mut self) {
        for (class, blocks) in self.idle.get_mut().iter_mut().enumerate() {
            for block in blocks.drain(..) {
                // SAFETY: the pool owns its idle blocks; each was allocated with the layout of its class.
                unsafe { dealloc(block.as_ptr(), layout_of(class)) };
            }
        }
        for block in self.headers.get_mut().drain(..) {
            // SAFETY: the pool owns its idle blocks; each was allocated with this layout.
            unsafe { dealloc(block.as_ptr(), HEADER) };
        }
    }
}

thread_local! {
    static POOL: Pool = Pool::default();
}

fn layout_of(class: usize) -> Layout {
    Layout::from_size_align(bytes_of(class), ALIGNMENT).expect("a size class is a valid layout")
}

fn take(class: usize) -> NonNull<u8> {
    let pooled = POOL.try_with(|pool| {
        let block = pool.idle.borrow_mut().get_mut(class).and_then(Vec::pop);
        let mut statistics = pool.statistics.get();
        match block {
            Some(_) => {
                statistics.reused += 1;
                statistics.pooled_bytes -= bytes_of(class);
            }
            None => statistics.allocated += 1,
        }
        pool.statistics.set(statistics);
        block
    });
    if let Ok(Some(block)) = pooled {
        return block;
    }
    let layout = layout_of(class);
    // SAFETY: the layout has a non-zero size. Zeroed, so that the memory is initialised from the start.
    let block = unsafe { alloc_zeroed(layout) };
    NonNull::new(block).unwrap_or_else(|| handle_alloc_error(layout))
}

fn give_back(block: NonNull<u8>, class: usize) {
    let kept = POOL.try_with(|pool| {
        let mut statistics = pool.statistics.get();
        if statistics.pooled_bytes + bytes_of(class) > POOL_LIMIT {
            return false;
        }
        statistics.pooled_bytes += bytes_of(class);
        pool.statistics.set(statistics);
        let mut idle = pool.idle.borrow_mut();
        if idle.len() <= class {
            idle.resize_with(class + 1, Vec::new);
        }
        idle[class].push(block);
        true
    });
    if !matches!(kept, Ok(true)) {
        // SAFETY: the caller gives up the block, which was allocated with the layout of its class.
        unsafe { dealloc(block.as_ptr(), layout_of(class)) };
    }
}

/// What the pool of one thread keeps at most, in headers.
const HEADER_LIMIT: usize = 1 << 16;

/// The layout of every header's block: three cache lines.
const HEADER: Layout = match Layout::from_size_align(3 * ALIGNMENT, ALIGNMENT) {
    Ok(layout) => layout,
    Err(_) => unreachable!(),
};

/// A value with several owners, like an `Arc` without weak pointers, in a block from the pool: making one and dropping it
/// asks the system for nothing, and one owner alone need not synchronise with anybody.
pub(super) struct Shared<H> {
    block: NonNull<Counted<H>>,
    of: PhantomData<Counted<H>>,
}

struct Counted<H> {
    owners: AtomicUsize,
    value: H,
}

// SAFETY: owners share the value by reference and the last one, on whatever thread, drops it: as with an `Arc`. Exercised
// by `tests/memory.rs::tensors_cross_threads`.
unsafe impl<H: Send + Sync> Send for Shared<H> {}
unsafe impl<H: Send + Sync> Sync for Shared<H> {}

impl<H> Shared<H> {
    /// Inlined, so that a header is written where it will lie.
    #[inline(always)]
    pub(super) fn new(value: H) -> Self {
        const { assert!(size_of::<Counted<H>>() <= HEADER.size() && align_of::<Counted<H>>() <= HEADER.align()) };
        let pooled = POOL.try_with(|pool| pool.headers.borrow_mut().pop()).ok().flatten();
        let block = pooled.unwrap_or_else(|| {
            // SAFETY: the layout has a non-zero size.
            NonNull::new(unsafe { alloc(HEADER) }).unwrap_or_else(|| handle_alloc_error(HEADER))
        });
        let block = block.cast::<Counted<H>>();
        // SAFETY: the block is large enough and aligned, as was just asserted, and nobody else points to it.
        unsafe { block.write(Counted { owners: AtomicUsize::new(1), value }) };
        Shared { block, of: PhantomData }
    }

    fn counted(&self) -> &Counted<H> {
        // SAFETY: the block is initialised and lives as long as any owner, of which this is one.
        unsafe { self.block.as_ref() }
    }

    /// The value for writing, if this is the only owner.
    pub(super) fn get_mut(&mut self) -> Option<&mut H> {
        // What other owners did before they let go happened before this.
        if self.counted().owners.load(Ordering::Acquire) != 1 {
            return None;
        }
        // SAFETY: this is the only owner and is borrowed mutably, so that nobody can become one meanwhile.
        Some(unsafe { &mut self.block.as_mut().value })
    }

    /// What tells this value from others while it lives.
    pub(super) fn address(&self) -> usize {
        self.block.as_ptr() as usize
    }
}

impl<H> Deref for Shared<H> {
    type Target = H;
    fn deref(&self) -> &H {
        &self.counted().value
    }
}

impl<H> Clone for Shared<H> {
    fn clone(&self) -> Self {
        let owners = self.counted().owners.fetch_add(1, Ordering::Relaxed);
        // Handles that were leaked may not make the count come around to 0.
        assert!(owners < usize::MAX / 2, "a tensor has too many owners");
        Shared { block: self.block, of: PhantomData }
    }
}

impl<H> Drop for Shared<H> {
    fn drop(&mut self) {
        if self.get_mut().is_none() {
            if self.counted().owners.fetch_sub(1, Ordering::Release) != 1 {
                return;
            }
            fence(Ordering::Acquire);
        }
        // SAFETY: this was the last owner, so nobody looks at the value any more, and it is dropped once; the block is given
        // up, and was allocated with this layout.
        unsafe {
            self.block.as_ptr().drop_in_place();
            give_header_back(self.block.cast());
        }
    }
}

/// # Safety
/// The block was allocated with the layout of headers, and nobody uses it any more.
unsafe fn give_header_back(block: NonNull<u8>) {
    let kept = POOL.try_with(|pool| {
        let mut headers = pool.headers.borrow_mut();
        let kept = headers.len() < HEADER_LIMIT;
        if kept {
            headers.push(block);
        }
        kept
    });
    if !matches!(kept, Ok(true)) {
        // SAFETY: as the caller promises.
        unsafe { dealloc(block.as_ptr(), HEADER) };
    }
}
