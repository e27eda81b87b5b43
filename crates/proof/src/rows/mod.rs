//! The table of operations, one line a row, one file a family.

mod elementwise;
mod indexing;
mod linalg;
mod losses;
mod networks;
mod products;
mod reductions;
mod shaping;

use crate::table::Row;

/// Every row.
pub fn rows() -> Vec<Row> {
    [
        elementwise::rows(),
        products::rows(),
        linalg::rows(),
        reductions::rows(),
        shaping::rows(),
        indexing::rows(),
        networks::rows(),
        losses::rows(),
    ]
    .concat()
}
