//! The server: one task for each connection, so that a fault can close one without an answer.

use std::io;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use super::gate::Vanish;

/// Serves `router` on `listener` until dropped; dropping closes every connection.
pub(crate) async fn serve(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(connection(stream, router.clone()));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, router: Router) {
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        async move {
            let response = match router.oneshot(request.map(Body::new)).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            if response.extensions().get::<Vanish>().is_some() { Err(io::Error::other("closed by a fault")) } else { Ok(response) }
        }
    });
    // A connection that ends badly is the client's matter, or a fault's doing.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}
