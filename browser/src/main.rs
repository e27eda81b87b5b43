//! Writes the pages that `.ci/browser` opens to `target/pages`: `cargo test -p browser`.

use autograd::inspect::{Page, Snapshot};
use std::path::Path;
use std::{fs, io};

mod recordings;
mod reports;
mod runs;

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/pages");
    fs::create_dir_all(&folder)?;
    let write = |name: &str, ending: &str, text: String| fs::write(folder.join(name).with_extension(ending), text);
    let pages: [(&str, Snapshot); 7] = [
        ("tensors", recordings::tensors()),
        ("scalars", recordings::scalars()),
        ("net", recordings::net()),
        ("nan", recordings::masked_root()),
        ("thousand", recordings::thousand()),
        ("lost", recordings::lost()),
        ("hostile", recordings::hostile()),
    ];
    for (name, snapshot) in &pages {
        write(name, "html", snapshot.to_html())?;
        write(name, "svg", snapshot.to_svg())?;
        write(name, "dot", snapshot.to_dot())?;
    }
    let page = Page::new(&pages[2].1).titled("A net with all its reports");
    write("reports", "html", reports::added(page).to_html())?;
    write("run", "html", runs::square().to_html_titled("A square"))?;
    write("run-net", "html", runs::classifier().to_html_titled("<script>alert(1)</script> three arms"))?;
    write("run-broken", "html", runs::broken().to_html())?;
    write("run-empty", "html", nn::watch::Watch::<f32>::every(10).log().to_html())
}
