//! Parts that know nothing of ours but `shared`.

pub(crate) mod bar; // a share as a bar with its interval
pub(crate) mod chart; // a figure on the page
pub(crate) mod field; // a labelled field with its fault
pub(crate) mod files; // files of the reader's
pub(crate) mod save; // what leaves the page
pub(crate) mod strip; // the sounding line
pub(crate) mod text_viewer;
