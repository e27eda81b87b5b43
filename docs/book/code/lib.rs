//! The code of the first lessons. The pages are in `src`, one a chapter; every
//! number and picture in them is made by the chapter's program in `examples`.
//!
//! | module | what lives there |
//! |---|---|
//! | [`mod@page`] | how an example's output reaches its page |
//! | [`tiny`] | the engine that the reader builds, one file a chapter |
//! | [`pictures`] | graphs and charts as SVG |
//! | [`worksheet`] | a graph to work through by hand, and its key |
//! | [`exercises`] | unfinished functions, for the reader |
//! | [`answers`] | the same, finished |

pub mod answers;
pub mod exercises;
pub mod page;
pub mod pictures;
pub mod tiny;
pub mod worksheet;
