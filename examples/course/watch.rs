//! `--watch`: the report of a run's inside, `target/NAME/watch.html`, of the first run that an example makes.

use super::{Course, folder};
use autograd::algebra::Real;
use autograd::{Gradients, Outcome, Tape, Tensor};
use nn::Module;
use nn::train::Trainer;
use nn::watch::Watch;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

impl Course {
    /// The trainer, which writes the report of its run if it is the one to be watched.
    ///
    /// # Errors
    /// If the folder of the report cannot be made.
    pub fn watch<'a, M, B, T: Real>(
        &self,
        name: &str,
        trainer: Trainer<'a, M, B, T>,
    ) -> io::Result<Trainer<'a, M, B, T>> {
        Ok(match self.report(name)? {
            Some(path) => trainer.with_report(path),
            None => trainer,
        })
    }

    /// The same for a loop by hand: what it asks for its gradients.
    ///
    /// # Errors
    /// If the folder of the report cannot be made.
    pub fn watch_loop<T: Real>(&self, name: &str) -> io::Result<LoopWatch<T>> {
        Ok(LoopWatch(self.report(name)?.map(|path| (Watch::every(10), path))))
    }

    /// Where the report goes; `None` if none was asked for, or an earlier run is the one.
    fn report(&self, name: &str) -> io::Result<Option<PathBuf>> {
        if !self.watch || self.watched.swap(true, Ordering::Relaxed) {
            return Ok(None);
        }
        let path = folder(name)?.join("watch.html");
        println!("the report of the first run's inside: {}", path.display());
        Ok(Some(path))
    }
}

/// A [`Watch`] and where its report goes, or neither.
pub struct LoopWatch<T: Real = f32>(Option<(Watch<T>, PathBuf)>);

impl<T: Real> LoopWatch<T> {
    /// Whether somebody looks.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// [`autograd::gradient`], watched or not.
    #[track_caller]
    pub fn gradient<R: Outcome<T>>(
        &mut self,
        model: &dyn Module<T>,
        f: impl Fn(&Tape<T>) -> R,
    ) -> (R::With<T>, Gradients<Tensor<T>>) {
        match &mut self.0 {
            Some((watch, _)) => watch.gradient(model, f),
            None => autograd::gradient(f),
        }
    }

    /// Says that the optimizer has stepped.
    pub fn after_step(&mut self, model: &dyn Module<T>, gradients: &Gradients<Tensor<T>>) {
        if let Some((watch, _)) = &mut self.0 {
            watch.after_step(model, gradients);
        }
    }

    /// Writes the report at the end of the run.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(self) -> io::Result<()> {
        match self.0 {
            Some((watch, path)) => std::fs::write(path, watch.log().to_html()),
            None => Ok(()),
        }
    }
}
