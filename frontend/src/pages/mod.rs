//! One folder per page: `mod.rs` is the view, `model.rs` is pure, parts lie beside. What pages
//! have in common: the address, the form, the text.

mod advisor; // from figures to a decision
mod answer; //  what came of a question
mod ask; //     what a form asks for, as its URL
mod builder;
mod form; //    the fields of an order
mod hand_off; // an order for the server
mod longbench;
mod model_panel; // the model in this browser
mod playground;
mod query; //   parameters of an address
mod reading; // the prompt with its evidence
mod results; // what was measured, own and published
mod runs;
mod words; //   figures for people

pub(crate) use advisor::AdvisorPage;
pub(crate) use builder::BuilderPage;
pub(crate) use longbench::LongbenchPage;
pub(crate) use playground::Playground;
pub(crate) use results::ResultsPage;
pub(crate) use runs::{RunPage, Runs};
