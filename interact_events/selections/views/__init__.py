"""The edge to the web."""

from flask import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = ()
