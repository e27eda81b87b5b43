//! Sizes of buffers: each power of two from 64 bytes on, in four steps, so that at most a fifth is wasted.

/// The alignment of every buffer, and the unit that its length is rounded up to: a cache line, the widest vector.
pub const ALIGNMENT: usize = 64;

/// The smallest class that holds so many bytes.
pub fn class_of(bytes: usize) -> usize {
    let lines = bytes.div_ceil(ALIGNMENT).max(1);
    if lines <= 8 {
        return lines - 1;
    }
    let power = (usize::BITS - 1 - (lines - 1).leading_zeros()) as usize; // 2^power < lines ≤ 2^(power+1)
    let step = 1 << (power - 2);
    let steps = (lines - (1 << power)).div_ceil(step); // 1..=4
    8 + (power - 3) * 4 + steps - 1
}

/// The bytes of a buffer of a class.
pub fn bytes_of(class: usize) -> usize {
    let lines = if class < 8 {
        class + 1
    } else {
        let (power, steps) = ((class - 8) / 4 + 3, (class - 8) % 4 + 1);
        (1 << power) + steps * (1 << (power - 2))
    };
    lines * ALIGNMENT
}
