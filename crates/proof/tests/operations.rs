//! Every row of the table of operations is a test.

use libtest_mimic::{Arguments, Trial};

fn main() {
    let row =
        |row: proof::table::Row| Trial::test(row.name, move || row.check().map(drop).map_err(|problem| problem.into()));
    libtest_mimic::run(&Arguments::from_args(), proof::rows::rows().into_iter().map(row).collect()).exit();
}
