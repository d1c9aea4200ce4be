//! Parts that know nothing of ours but `shared`.

pub(crate) mod bar; // a bar that shows a share with its interval
pub(crate) mod chart; // charts as components
pub(crate) mod coded_text; // messages with their code marks shown as code
pub(crate) mod field; // a labelled field with its error
pub(crate) mod files; // file input by button or drop
pub(crate) mod save; // copies to the clipboard and saves files
pub(crate) mod stage; // one part of a page alone: presented or embedded
pub(crate) mod strip; // the depth strip: where the evidence lies
pub(crate) mod text_viewer; // long texts, of which only visible lines are drawn
