"""Tests of akeneo_assets."""
