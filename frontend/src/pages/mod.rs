//! One folder per page: `mod.rs` is the view, `model.rs` is pure, the other files are parts of the
//! view. The single files here are shared by pages: the address, the form, the text.

mod advisor; // the advisor page
mod answer; // an answer as it arrives
mod builder; // the builder page
mod display; // formats figures for people
mod form; // the form that describes a sample
mod home; // the home page
mod longbench; // the LongBench v2 page
mod model_card; // facts about a model before it is loaded
mod model_panel; // loads and shows the model in this browser
mod page_title; // the document's title
mod playground; // the playground: build a sample, run it here and on the server, compare
mod query; // URL parameters
mod reading; // shows a prompt with its evidence
mod refused_models; // lists the server's unusable models with reasons
mod results; // the results page
mod run_form; // the form for a run
mod runs; // the runs page
mod sample_query; // a sample's form as URL parameters
mod script; // the user's scripts in specs and addresses

pub(crate) use advisor::AdvisorPage;
pub(crate) use builder::BuilderPage;
pub(crate) use home::HomePage;
pub(crate) use longbench::LongbenchPage;
pub(crate) use page_title::PageTitle;
pub(crate) use playground::PlaygroundPage;
pub(crate) use results::ResultsPage;
pub(crate) use runs::{RunPage, RunsPage};
