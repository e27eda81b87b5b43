//! Writes the pages that `.ci/browser` opens: `cargo run -p browser -- FOLDER`.

use autograd::inspect::Snapshot;
use std::path::Path;
use std::{env, fs, io};

mod recordings;

fn main() -> io::Result<()> {
    let folder = env::args().nth(1).unwrap_or_else(|| "target/pages".to_string());
    fs::create_dir_all(&folder)?;
    let write = |name: &str, snapshot: &Snapshot| {
        fs::write(Path::new(&folder).join(name).with_extension("html"), snapshot.to_html())?;
        fs::write(Path::new(&folder).join(name).with_extension("svg"), snapshot.to_svg())?;
        fs::write(Path::new(&folder).join(name).with_extension("dot"), snapshot.to_dot())
    };
    write("tensors", &recordings::tensors())?;
    write("scalars", &recordings::scalars())?;
    write("net", &recordings::net())?;
    write("nan", &recordings::masked_root())?;
    write("thousand", &recordings::thousand())?;
    write("lost", &recordings::lost())?;
    write("hostile", &recordings::hostile())
}
