//! A few values side by side, without a trip to the allocator.

use std::fmt;
use std::ops::{Deref, DerefMut};

/// A list that is mostly short: up to three values lie in it directly, more in a vector. The inputs of an operation and what
/// belongs to them.
///
/// Lists of this kind are made a dozen times for each recorded operation, always in one go from an iterator; that is what
/// a case for each length makes cheap.
///
/// ```
/// use autograd::ops::Few;
/// let few: Few<i32> = (1..=2).collect();
/// assert_eq!(few[..], [1, 2]);
/// assert_eq!(few.into_iter().sum::<i32>(), 3);
/// ```
#[derive(Clone)]
pub struct Few<A>(Held<A>);

#[derive(Clone)]
enum Held<A> {
    None,
    One([A; 1]),
    Two([A; 2]),
    Three([A; 3]),
    More(Vec<A>),
}

impl<A> Few<A> {
    /// An empty list.
    pub const fn new() -> Self {
        Few(Held::None)
    }

    /// Appends a value.
    pub fn push(&mut self, last: A) {
        self.0 = match std::mem::take(self).0 {
            Held::None => Held::One([last]),
            Held::One([a]) => Held::Two([a, last]),
            Held::Two([a, b]) => Held::Three([a, b, last]),
            Held::Three([a, b, c]) => Held::More(vec![a, b, c, last]),
            Held::More(mut all) => {
                all.push(last);
                Held::More(all)
            }
        };
    }
}

impl<A> Default for Few<A> {
    fn default() -> Self {
        Few::new()
    }
}

impl<A> Deref for Few<A> {
    type Target = [A];
    #[inline]
    fn deref(&self) -> &[A] {
        match &self.0 {
            Held::None => &[],
            Held::One(held) => held,
            Held::Two(held) => held,
            Held::Three(held) => held,
            Held::More(held) => held,
        }
    }
}

impl<A> DerefMut for Few<A> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [A] {
        match &mut self.0 {
            Held::None => &mut [],
            Held::One(held) => held,
            Held::Two(held) => held,
            Held::Three(held) => held,
            Held::More(held) => held,
        }
    }
}

impl<A> FromIterator<A> for Few<A> {
    #[inline]
    fn from_iter<I: IntoIterator<Item = A>>(values: I) -> Self {
        let mut values = values.into_iter();
        let Some(a) = values.next() else { return Few(Held::None) };
        let Some(b) = values.next() else { return Few(Held::One([a])) };
        let Some(c) = values.next() else { return Few(Held::Two([a, b])) };
        match values.next() {
            None => Few(Held::Three([a, b, c])),
            Some(d) => Few(Held::More([a, b, c, d].into_iter().chain(values).collect())),
        }
    }
}

impl<A: Clone> From<&[A]> for Few<A> {
    fn from(values: &[A]) -> Self {
        values.iter().cloned().collect()
    }
}

impl<A> Extend<A> for Few<A> {
    fn extend<I: IntoIterator<Item = A>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.push(value));
    }
}

/// What [`Few`] gives one by one.
pub type IntoIter<A> = std::iter::Chain<std::iter::Flatten<std::array::IntoIter<Option<A>, 3>>, std::vec::IntoIter<A>>;

impl<A> IntoIterator for Few<A> {
    type Item = A;
    type IntoIter = IntoIter<A>;
    fn into_iter(self) -> IntoIter<A> {
        let (held, more) = match self.0 {
            Held::None => ([None, None, None], Vec::new()),
            Held::One([a]) => ([Some(a), None, None], Vec::new()),
            Held::Two([a, b]) => ([Some(a), Some(b), None], Vec::new()),
            Held::Three([a, b, c]) => ([Some(a), Some(b), Some(c)], Vec::new()),
            Held::More(all) => ([None, None, None], all),
        };
        held.into_iter().flatten().chain(more)
    }
}

impl<'a, A> IntoIterator for &'a Few<A> {
    type Item = &'a A;
    type IntoIter = std::slice::Iter<'a, A>;
    fn into_iter(self) -> std::slice::Iter<'a, A> {
        self.iter()
    }
}

impl<'a, A> IntoIterator for &'a mut Few<A> {
    type Item = &'a mut A;
    type IntoIter = std::slice::IterMut<'a, A>;
    fn into_iter(self) -> std::slice::IterMut<'a, A> {
        self.iter_mut()
    }
}

impl<A: fmt::Debug> fmt::Debug for Few<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<A: PartialEq> PartialEq for Few<A> {
    fn eq(&self, other: &Self) -> bool {
        self[..] == other[..]
    }
}
