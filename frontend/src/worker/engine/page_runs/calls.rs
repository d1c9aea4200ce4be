//! Handles the page's requests about the runs that this browser keeps.

use std::cell::RefCell;
use std::rc::Rc;

use fathom_shared::api::{NewRun, RowDetail, RunStatus};
use fathom_shared::longbench::QuestionCard;
use fathom_shared::results::{ResultOrigin, ResultSet, ResultSetInfo, of_run};
use fathom_shared::run::{RunNeeds, SampleKey, made_again};
use fathom_shared::task::GeneratorContext;
use wasm_bindgen::JsValue;

use super::super::{EngineWork, EngineWorker};
use super::by_hand;
use super::exclusive_access::{add_run, alone, rows_file};
use super::exports::export;
use super::kept_run::{PageRun, RunHead};
use super::made_with::{MadeWith, guarded, made_with};
use super::{opened, tell, tell_run, view, wake};
use crate::protocol::{FromEngine, LoadedModel, PageRunCall, PageRunReply, RunAction};

/// Does what is wanted and says what came of it.
pub(in crate::worker::engine) async fn hear(
    bench: Rc<RefCell<EngineWorker>>,
    ticket: u32,
    call: PageRunCall,
) {
    opened(&bench).await;
    let mut beside = JsValue::UNDEFINED;
    let outcome = match call {
        PageRunCall::Start { new } => start(&bench, *new).await,
        PageRunCall::Estimate { new } => Ok(estimate(&bench, &new)),
        PageRunCall::Watch { id } => {
            let events = watch(&bench, id).await;
            wake(&bench);
            events
        }
        PageRunCall::Act { id, action } => act(&bench, id, action).await,
        PageRunCall::Row { id, place } => row(&bench, id, place).await,
        PageRunCall::Results { id } => results(&bench, id),
        PageRunCall::Export { id, program } => export(&bench, id, &program, &mut beside).await,
        PageRunCall::Delete { id } => delete(&bench, id).await,
        PageRunCall::Adopt { answers } => by_hand::adopt(&bench, answers).await,
    };
    let outcome = outcome.map(Box::new);
    super::super::super::say(&FromEngine::RunReply { ticket, outcome }, &beside);
}

async fn start(bench: &Rc<RefCell<EngineWorker>>, new: NewRun) -> Result<PageRunReply, String> {
    let NewRun {
        mut run_spec,
        priority,
    } = new;
    run_spec.grid.check().map_err(|error| format!("{error}."))?;
    let head = {
        let mut bench = bench.borrow_mut();
        let loaded = bench.loaded.clone();
        let loaded = loaded.ok_or("No model is loaded in this browser.")?;
        if let Some(why) = loaded.mode_fault(run_spec.mode) {
            return Err(why);
        }
        let LoadedModel {
            engine, context, ..
        } = loaded;
        if run_spec.model != engine.model {
            return Err(format!(
                "The run is for the model {}, but {} is loaded in this browser.",
                run_spec.model, engine.model
            ));
        }
        let corpora = bench.runs.corpora();
        run_spec.texts = Some(MadeWith::texts(&corpora, &run_spec));
        RunHead {
            id: 0,
            run_spec,
            priority,
            engine,
            context,
            created_ms: js_sys::Date::now() as i64,
            held: RunStatus::Queued,
            error: None,
            by_hand: None,
        }
    };
    let id = add_run(bench, head).await?;
    let told = Box::new(bench.borrow().runs.get(id)?.view());
    tell(bench);
    wake(bench);
    Ok(PageRunReply::Run(told))
}

fn estimate(bench: &RefCell<EngineWorker>, new: &NewRun) -> PageRunReply {
    let bench = bench.borrow();
    let model = bench
        .loaded
        .as_ref()
        .map(|model| &model.engine.model_sha256);
    let runs = bench.runs.runs.values();
    let same = runs.filter(|run| Some(&run.head.engine.model_sha256) == model);
    let pace = same.map(PageRun::pace).sum();
    let estimate = new.run_spec.grid.estimate(pace, RunNeeds::default());
    PageRunReply::Estimate(Box::new(estimate))
}

async fn watch(bench: &RefCell<EngineWorker>, id: i64) -> Result<PageRunReply, String> {
    let files = bench.borrow().runs.files()?;
    let here = bench.borrow().runs.get(id)?.served;
    // Another tab may be at it.
    if let (false, Ok(rows)) = (here, files.rows(id).await) {
        let mut bench = bench.borrow_mut();
        let run = bench.runs.get_mut(id);
        if let Some(run) = run.filter(|run| !run.served && !run.changing) {
            run.read(rows);
            run.waits = None;
        }
    }
    let bench = bench.borrow();
    let run = bench.runs.get(id)?;
    let mut events = run.events();
    let told = Box::new(view(&bench, run));
    events[0] = fathom_shared::api::RunEvent::Run { run: told };
    Ok(PageRunReply::Events(events))
}

async fn act(
    bench: &Rc<RefCell<EngineWorker>>,
    id: i64,
    action: RunAction,
) -> Result<PageRunReply, String> {
    let acted = alone(bench, id, change(bench, id, action)).await;
    tell_run(bench, id);
    tell(bench);
    wake(bench);
    acted?;
    let bench = bench.borrow();
    let told = view(&bench, bench.runs.get(id)?);
    Ok(PageRunReply::Run(Box::new(told)))
}

/// Does something to a run, in the storage and then here. One that another tab answers is that
/// tab's.
async fn change(bench: &RefCell<EngineWorker>, id: i64, action: RunAction) -> Result<(), String> {
    let (files, served) = {
        let bench = bench.borrow();
        (bench.runs.files()?, bench.runs.get(id)?.served)
    };
    let by_hand = bench.borrow().runs.get(id)?.head.by_hand.is_some();
    let mut rows = match (served, action) {
        (_, RunAction::Retry) if by_hand => {
            return Err(
                "The samples of this run are asked one at a time. Ask the failed ones again on the page where you asked them.".to_owned(),
            );
        }
        (true, RunAction::Retry) => {
            return Err(
                "The run is still in progress; retry its failures when it has finished.".to_owned(),
            );
        }
        (true, _) => None,
        (false, _) => Some(rows_file(bench, id).await?),
    };
    let (before, head) = {
        let mut bench = bench.borrow_mut();
        let run = bench.runs.get_mut(id).ok_or("The run no longer exists.")?;
        let mut changed = run.clone();
        if let (true, Some(rows)) = (changed.act(action), &mut rows) {
            rows.put(changed.rows())?;
        }
        let before = run.head.clone();
        *run = changed;
        let (head, stops) = (run.head.clone(), run.served && action == RunAction::Cancel);
        if let (true, Some(EngineWork::Run(cancel))) = (stops, &bench.work) {
            cancel.raise();
        }
        (before, head)
    };
    let saved = files.save(&head).await;
    let mut bench = bench.borrow_mut();
    let run = bench.runs.get_mut(id).filter(|run| run.head == head);
    if let (Err(_), Some(run)) = (&saved, run) {
        run.head = before;
    }
    saved
}

async fn row(
    bench: &RefCell<EngineWorker>,
    id: i64,
    place: SampleKey,
) -> Result<PageRunReply, String> {
    let (head, row, scored) = {
        let bench = bench.borrow();
        let run = bench.runs.get(id)?;
        let scored = run.row(place).map(|row| row.row.clone());
        (run.head.clone(), run.row_view(place), scored)
    };
    let spec = head.run_spec.grid.cell(place.cell);
    let spec = spec.ok_or_else(|| format!("Run page-{id} has no cell {}.", place.cell))?;
    let made = match made_with(bench, &head.engine).await {
        Ok(made_with) => {
            let generator_context = GeneratorContext {
                counter: &made_with.tokenizer.counter,
                corpora: &made_with.corpora,
            };
            let (mode, dialogue) = (head.run_spec.mode, &made_with.tokenizer.dialogue);
            let asked = scored.as_ref();
            let asked = asked.and_then(|scored| scored.transcript.prompt_hash.as_deref());
            let made = guarded(|| {
                made_again(
                    &spec,
                    place.sample,
                    mode,
                    dialogue,
                    generator_context,
                    asked,
                )
            });
            // Of a file's question it is the texts that are others.
            made.map_err(|why| made_with.check(&head.run_spec).err().unwrap_or(why))
        }
        Err(why) => Err(why),
    };
    let (made, unmade) = match made {
        Ok(made) => (Some(made), None),
        Err(why) => (None, Some(why)),
    };
    Ok(PageRunReply::Row(Box::new(RowDetail {
        row,
        spec,
        scored,
        made,
        unmade,
    })))
}

fn results(bench: &RefCell<EngineWorker>, id: i64) -> Result<PageRunReply, String> {
    let mut bench = bench.borrow_mut();
    let corpora = bench.runs.corpora();
    let run = bench.runs.get(id)?;
    let set = result_set(run, corpora.questions().cards(), {
        let here = MadeWith::texts(&corpora, &run.head.run_spec);
        run.head.run_spec.texts.as_deref() == Some(&*here)
    });
    let json = serde_json::to_string(&set).map_err(|error| error.to_string())?;
    Ok(PageRunReply::Results(json))
}

/// What a run came to; `same` says whether it was made of the questions of `cards`.
fn result_set(run: &PageRun, cards: &[QuestionCard], same: bool) -> ResultSet {
    let head = &run.head;
    let about = ResultSetInfo {
        name: format!("run page-{}", head.id),
        model: head.run_spec.model.clone(),
        origin: ResultOrigin::PageRun {
            id: head.id,
            engine: head.run_spec.engine.to_string(),
            created_ms: head.created_ms,
            // Of a model without a hash nothing is known but its name.
            window: (!head.engine.model_sha256.is_empty()).then_some(head.context),
        },
    };
    let asked = head.by_hand.as_ref().map_or(&[][..], |asked| &asked.cards);
    let cards = if same { cards } else { asked };
    let rows = run.rows().map(|row| (row.place, row.row.score.clone()));
    of_run(about, &head.run_spec.grid, cards, rows)
}

async fn delete(bench: &Rc<RefCell<EngineWorker>>, id: i64) -> Result<PageRunReply, String> {
    let deleted = alone(bench, id, async {
        let files = bench.borrow().runs.files()?;
        if bench.borrow().runs.get(id)?.served {
            return Err("The run is still in progress; cancel it first.".to_owned());
        }
        files.delete(id).await?;
        bench.borrow_mut().runs.runs.remove(&id);
        Ok(())
    });
    let deleted = deleted.await;
    tell(bench);
    by_hand::tell_answers(bench);
    wake(bench);
    deleted.map(|()| PageRunReply::Deleted)
}
