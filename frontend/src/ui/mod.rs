//! Parts that know nothing of ours but `shared`.

pub(crate) mod bar;
pub(crate) mod chart;
pub(crate) mod field;
pub(crate) mod files;
pub(crate) mod hand;
pub(crate) mod strip;
pub(crate) mod text_viewer;
