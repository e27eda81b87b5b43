//! A clean end on `Ctrl-C`, under the feature `ctrlc`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that `Ctrl-C` (and a request to terminate) sets, for [`Trainer::with_stop`](super::Trainer::with_stop): the run then
/// ends when its step is done and its checkpoint is written. A second `Ctrl-C` ends the program at once, with status 130. Once
/// set it stays set.
///
/// # Errors
/// If there is such a flag already. Any other handler is replaced, also that of a shell which lets programs in the background
/// ignore `Ctrl-C`.
///
/// ```no_run
/// use nn::prelude::*;
/// use nn::train::{Checkpoints, Trainer, stop_on_ctrl_c};
/// let mut net = Linear::new(2, 2, &mut ChaCha8Rng::seed_from_u64(0));
/// let mut trainer = Trainer::of_layer(Adam::new(0.01), |y, labels: &Vec<usize>| y.cross_entropy(labels))
///     .with_epochs(1000)
///     .with_checkpoints(Checkpoints::in_folder("target/moons").with_resume())
///     .with_stop(stop_on_ctrl_c()?);
/// trainer.fit(&mut net, &nn::data::two_moons(1000, 0.1, &mut ChaCha8Rng::seed_from_u64(1)))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn stop_on_ctrl_c() -> Result<Arc<AtomicBool>, ctrlc::Error> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    })?;
    Ok(stop)
}
