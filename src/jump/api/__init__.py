"""The versioned HTTP API: one router per engine, schemas written by hand, refusals as problem documents."""
