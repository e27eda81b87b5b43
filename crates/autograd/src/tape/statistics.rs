//! What layers learn on the side: recorded in order, carried back with the gradients.

use super::{Gradients, Tape};
use crate::algebra::Real;
use crate::{Interpretation, Param, Tensor};
use std::sync::Arc;

/// One lesson of a statistic: it becomes `keep · itself + added`.
#[derive(Debug)]
pub(super) struct Lesson<T: Real> {
    statistic: u64,
    keep: f64,
    added: Tensor<T>,
}

/// The lessons of a run, in order. Each is shared by all gradients that come from it, and counts once.
pub(super) type Lessons<T> = Vec<Arc<Lesson<T>>>;

impl<T: Real> Tape<T> {
    /// Notes a lesson.
    pub(super) fn learn(&self, statistic: &Param<T>, keep: f64, added: Tensor<T>) {
        let lesson = Lesson { statistic: statistic.id().number(), keep, added };
        self.0.lessons.borrow_mut().push(Arc::new(lesson));
    }
}

impl<A: Interpretation> Gradients<A> {
    /// What a [statistic](Param::statistic) becomes by what was [learned](Interpretation::learn) in the run that these
    /// gradients are of, or `None` if nothing was. An optimizer's step applies it.
    ///
    /// ```
    /// use autograd::prelude::*;
    /// let (weight, mean) = (Param::new(Tensor::from([1.0_f32])), Param::statistic(Tensor::from([0.0])));
    /// let (_, gradients) = gradient(|tape| {
    ///     let x = tape.param(&weight) * 8.0;
    ///     x.learn(&mean, 0.75, &(x.detach() * 0.25));
    ///     x.sum()
    /// });
    /// assert_eq!(gradients.learned(&mean).unwrap().to_vec(), [2.0]);
    /// assert!(gradients.learned(&weight).is_none());
    /// ```
    pub fn learned(&self, statistic: &Param<A::Real>) -> Option<Tensor<A::Real>> {
        let own = |lesson: &&Arc<Lesson<A::Real>>| lesson.statistic == statistic.id().number();
        let step = |value: Option<Tensor<A::Real>>, lesson: &Arc<Lesson<A::Real>>| {
            let before = value.unwrap_or_else(|| statistic.value().clone());
            Some(before * A::Real::from_f64(lesson.keep) + &lesson.added)
        };
        self.lessons.iter().filter(own).fold(None, step)
    }

    /// Adds the lessons of other gradients behind these: those of one run count once.
    pub(super) fn learn_also(&mut self, lessons: Lessons<A::Real>) {
        for lesson in lessons {
            if !self.lessons.iter().any(|known| Arc::ptr_eq(known, &lesson)) {
                self.lessons.push(lesson);
            }
        }
    }
}
