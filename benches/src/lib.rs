//! The benchmarks of the workspace; the programs are in `benches/`.
