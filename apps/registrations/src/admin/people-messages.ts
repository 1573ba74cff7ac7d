// The texts of the back office about people: the list of them, a person's page, and the page of a one-time link.

import { messages } from "../i18n/messages.ts";

export const peopleMessages = messages({
  en: {
    "admin.people.title": "People",
    "admin.people.search": "Search people",
    "admin.people.caption": "People, by name",
    "admin.people.add": "Add a person",
    "admin.people.addLead":
      "You get a link to hand over: with it, and only with it, the person chooses a password.",
    "admin.people.addSubmit": "Add",
    "admin.people.taken": "Somebody has this name already.",
    "admin.people.administrator": "Administrator",
    "admin.people.active": "Active",
    "admin.people.disabled": "Disabled",
    "admin.people.you": "You",
    "admin.person.password": "Password",
    "admin.person.hasPassword": "Chosen",
    "admin.person.noPassword": "None",
    "admin.person.account": "Account",
    "admin.person.own":
      "This is your own account. Another administrator can change it here; you can on your account page.",
    "admin.person.ownPage": "Go to my account",
    "admin.person.notOneself": "Not to your own account: only another administrator can do that.",
    "admin.person.noRegistrations": "No registrations.",
    "admin.person.noSessions": "Not signed in anywhere.",
    "admin.person.disable": "Disable the account",
    "admin.person.enable": "Enable the account",
    "admin.person.promote": "Make an administrator",
    "admin.person.demote": "Take back the administrator’s rights",
    "admin.person.remove": "Remove",
    "admin.person.resetLink": "Make a one-time link for a new password",
    "admin.person.disable.done": "The account of {name} is disabled, and its sessions are ended.",
    "admin.person.enable.done": "The account of {name} is enabled.",
    "admin.person.promote.done": "{name} is an administrator.",
    "admin.person.demote.done": "{name} is no longer an administrator.",
    "admin.person.remove.done": "{name} is removed.",
    "admin.person.remove.title": "Remove {name}?",
    "admin.person.remove.consequence":
      "The account goes with all its registrations, and its sessions end. This cannot be undone.",
    "admin.person.disable.title": "Disable the account of {name}?",
    "admin.person.disable.consequence":
      "All its sessions end, and nobody can sign in to it until an administrator enables it again. Its registrations stay.",
    "admin.person.demote.title": "Take back the administrator’s rights of {name}?",
    "admin.person.demote.consequence":
      "The back office is closed to them from their next click on. Their account and their registrations stay.",
    "admin.person.noLink":
      "The account of {name} is disabled: a link for a new password would not open it. Enable it first.",
    "admin.person.promote.title": "Make {name} an administrator?",
    "admin.person.promote.consequence":
      "Administrators see everybody’s registrations and sessions, and can change everybody else’s account, yours included.",
    "admin.link.added": "{name} is added",
    "admin.link.title": "One-time link for {name}",
    "admin.link.lead": "Hand this link over to {name}, and to nobody else. It is shown only now.",
    "admin.link.validity":
      "Whoever opens it chooses the password. It works once, within 24 hours, and earlier links no longer do.",
    "admin.link.back": "Go to {name}",
  },
  fr: {
    "admin.people.title": "Personnes",
    "admin.people.search": "Rechercher des personnes",
    "admin.people.caption": "Personnes, par nom",
    "admin.people.add": "Ajouter une personne",
    "admin.people.addLead":
      "Vous obtenez un lien à transmettre : avec lui, et lui seul, la personne choisit son mot de passe.",
    "admin.people.addSubmit": "Ajouter",
    "admin.people.taken": "Quelqu’un porte déjà ce nom.",
    "admin.people.administrator": "Administrateur",
    "admin.people.active": "Actif",
    "admin.people.disabled": "Désactivé",
    "admin.people.you": "Vous",
    "admin.person.password": "Mot de passe",
    "admin.person.hasPassword": "Choisi",
    "admin.person.noPassword": "Aucun",
    "admin.person.account": "Compte",
    "admin.person.own":
      "C’est votre propre compte. Un autre administrateur peut le modifier ici ; vous, sur la page de votre compte.",
    "admin.person.ownPage": "Aller à mon compte",
    "admin.person.notOneself": "Pas sur votre propre compte : seul un autre administrateur peut le faire.",
    "admin.person.noRegistrations": "Aucune inscription.",
    "admin.person.noSessions": "Aucune session ouverte.",
    "admin.person.disable": "Désactiver le compte",
    "admin.person.enable": "Réactiver le compte",
    "admin.person.promote": "Nommer administrateur",
    "admin.person.demote": "Retirer les droits d’administration",
    "admin.person.remove": "Supprimer",
    "admin.person.resetLink": "Créer un lien à usage unique pour un nouveau mot de passe",
    "admin.person.disable.done": "Le compte de {name} est désactivé et ses sessions sont fermées.",
    "admin.person.enable.done": "Le compte de {name} est réactivé.",
    "admin.person.promote.done": "{name} a les droits d’administration.",
    "admin.person.demote.done": "{name} n’a plus les droits d’administration.",
    "admin.person.remove.done": "Le compte de {name} est supprimé.",
    "admin.person.remove.title": "Supprimer le compte de {name} ?",
    "admin.person.remove.consequence":
      "Le compte disparaît avec toutes ses inscriptions, et ses sessions se ferment. C’est définitif.",
    "admin.person.disable.title": "Désactiver le compte de {name} ?",
    "admin.person.disable.consequence":
      "Toutes ses sessions se ferment, et personne ne peut s’y connecter tant que l’administration ne le réactive pas. Ses inscriptions restent.",
    "admin.person.demote.title": "Retirer à {name} les droits d’administration ?",
    "admin.person.demote.consequence":
      "L’administration lui est fermée dès le prochain clic. Son compte et ses inscriptions restent.",
    "admin.person.noLink":
      "Le compte de {name} est désactivé : un lien pour un nouveau mot de passe n’y mènerait pas. Réactivez-le d’abord.",
    "admin.person.promote.title": "Donner à {name} les droits d’administration ?",
    "admin.person.promote.consequence":
      "Les administrateurs voient les inscriptions et les sessions de tous, et peuvent modifier le compte de chacun, le vôtre compris.",
    "admin.link.added": "Le compte de {name} est créé",
    "admin.link.title": "Lien à usage unique pour {name}",
    "admin.link.lead": "Transmettez ce lien à {name}, et à personne d’autre. Il ne s’affiche que maintenant.",
    "admin.link.validity":
      "Qui l’ouvre choisit le mot de passe. Il sert une seule fois, dans les 24 heures ; les liens précédents ne servent plus.",
    "admin.link.back": "Voir {name}",
  },
});
