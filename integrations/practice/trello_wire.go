package practice

import "strings"

// Whole answers as Trello gives them. The fields are those that the documentation of each object lists below
// https://developer.atlassian.com/cloud/trello/guides/rest-api/object-definitions; what practice has no use for is there
// with the value of an account that does not use it.

// trelloOrganization is the workspace to which every board belongs.
const trelloOrganization = "65500000000000000000000f"

func (t *Trello) memberJSON(m *TrelloMember) jsonObject {
	initials := ""
	for _, word := range strings.Fields(m.FullName) {
		initials += string([]rune(strings.ToUpper(word))[:1])
	}
	return jsonObject{
		"id": m.ID, "username": m.Username, "fullName": m.FullName, "url": t.WebURL + "/" + m.Username, "initials": initials,
		"activityBlocked": false, "avatarHash": "practice", "avatarUrl": "https://trello-members.practice.example/" + m.ID,
		"bio": "", "bioData": nil, "confirmed": true, "idEnterprise": nil, "idEnterprisesDeactivated": []string{},
		"idMemberReferrer": nil, "idPremOrgsAdmin": []string{}, "memberType": "normal", "nonPublic": jsonObject{},
		"nonPublicAvailable": true, "products": []int{}, "status": "disconnected", "idOrganizations": []string{trelloOrganization},
		"idBoards": t.boardsOf(m),
	}
}

func (t *Trello) boardsOf(m *TrelloMember) []string {
	list := []string{}
	for _, b := range t.boards {
		for _, id := range b.IDMembers {
			if id == m.ID {
				list = append(list, b.ID)
			}
		}
	}
	return list
}

func (t *Trello) boardJSON(b *Board) jsonObject {
	names := jsonObject{}
	for _, color := range trelloColors[2:] {
		names[color] = ""
	}
	return jsonObject{
		"id": b.ID, "name": b.Name, "desc": b.Desc, "descData": nil, "closed": b.Closed, "shortLink": b.ShortLink,
		"url": t.boardURL(b), "shortUrl": t.WebURL + "/b/" + b.ShortLink, "idOrganization": trelloOrganization,
		"idMemberCreator": t.me, "idEnterprise": nil, "enterpriseOwned": false, "pinned": false, "starred": false,
		"subscribed": false, "labelNames": names, "limits": jsonObject{}, "powerUps": []string{}, "idTags": []string{},
		"premiumFeatures": []string{}, "creationMethod": nil, "ixUpdate": "1", "templateGallery": nil, "datePluginDisable": nil,
		"dateLastActivity": t.lastActivity(b), "dateLastView": t.lastActivity(b), "memberships": t.membershipsJSON(b),
		"prefs": jsonObject{
			"permissionLevel": "private", "hideVotes": false, "voting": "disabled", "comments": "members",
			"invitations": "members", "selfJoin": true, "cardCovers": true, "isTemplate": false, "cardAging": "regular",
			"calendarFeedEnabled": false, "background": "blue", "backgroundImage": nil, "backgroundImageScaled": nil,
			"backgroundTile": false, "backgroundBrightness": "dark", "backgroundColor": "#0079BF",
			"backgroundBottomColor": "#0079BF", "backgroundTopColor": "#0079BF", "canBePublic": true, "canBeEnterprise": true,
			"canBeOrg": true, "canBePrivate": true, "canInvite": true,
		},
	}
}

// lastActivity is the time of the newest action on a board; a board without any was made when its id was.
func (t *Trello) lastActivity(b *Board) any {
	for i := len(t.actions) - 1; i >= 0; i-- {
		if t.actions[i].idBoard == b.ID {
			return trelloTime(t.actions[i].at)
		}
	}
	return trelloTime(b.Created)
}

func (t *Trello) membershipsJSON(b *Board) []jsonObject {
	return listOf(b.IDMembers, func(id string) jsonObject {
		kind := "normal"
		if id == t.me {
			kind = "admin"
		}
		return jsonObject{"id": "b" + id[1:], "idMember": id, "memberType": kind, "unconfirmed": false, "deactivated": false}
	})
}

func (t *Trello) listJSON(l *List) jsonObject {
	return jsonObject{
		"id": l.ID, "name": l.Name, "closed": l.Closed, "idBoard": l.IDBoard, "pos": l.Pos, "subscribed": false,
		"softLimit": nil, "color": nil, "type": nil, "datasource": jsonObject{"filter": false},
	}
}

func (t *Trello) labelJSON(l *Label) jsonObject {
	o := jsonObject{"id": l.ID, "idBoard": l.IDBoard, "name": l.Name, "color": nil}
	if l.Color != "" {
		o["color"] = l.Color
	}
	return o
}

func (t *Trello) attachmentJSON(a CardAttachment) jsonObject {
	return jsonObject{
		"id": a.ID, "name": a.Name, "url": a.URL, "idMember": a.IDMember, "isUpload": false, "mimeType": "",
		"bytes": nil, "date": trelloTime(a.At), "pos": positionStep, "edgeColor": nil, "previews": []string{}, "fileName": a.Name,
		"isMalicious": false,
	}
}

func (t *Trello) checklistJSON(cardID, boardID string, l CardChecklist) jsonObject {
	return jsonObject{
		"id": l.ID, "name": l.Name, "idCard": cardID, "idBoard": boardID, "pos": l.Pos,
		"checkItems": listOf(l.Items, func(i CardCheckItem) jsonObject { return t.checkItemJSON(l.ID, i) }),
	}
}

func (t *Trello) checkItemJSON(checklist string, i CardCheckItem) jsonObject {
	return jsonObject{
		"id": i.ID, "name": i.Name, "nameData": jsonObject{"emoji": jsonObject{}}, "state": i.state(), "idChecklist": checklist,
		"pos": i.Pos, "due": nil, "dueReminder": nil, "idMember": nil,
	}
}

func (i CardCheckItem) state() string {
	if i.Done {
		return "complete"
	}
	return "incomplete"
}

func (t *Trello) cardJSON(c *Card) jsonObject {
	labels := make([]jsonObject, 0)
	for _, l := range t.labels {
		for _, id := range c.IDLabels {
			if id == l.ID {
				labels = append(labels, t.labelJSON(l))
			}
		}
	}
	checklists, states := make([]string, 0, len(c.Checklists)), make([]jsonObject, 0)
	items := 0
	for _, l := range c.Checklists {
		checklists = append(checklists, l.ID)
		items += len(l.Items)
		for _, i := range l.Items {
			if i.Done {
				states = append(states, jsonObject{"idCheckItem": i.ID, "state": i.state()})
			}
		}
	}
	return jsonObject{
		"id": c.ID, "idShort": c.IDShort, "shortLink": c.ShortLink, "shortUrl": c.ShortURL, "url": c.URL,
		"idBoard": c.IDBoard, "idList": c.IDList, "name": c.Name, "desc": c.Desc, "descData": jsonObject{"emoji": jsonObject{}},
		"pos": c.Pos, "closed": c.Closed, "start": trelloTime(c.Start), "due": trelloTime(c.Due), "dueComplete": c.DueComplete,
		"dueReminder": nil, "dateLastActivity": trelloTime(c.Active), "idMembers": append([]string{}, c.IDMembers...),
		"idMembersVoted": []string{}, "idLabels": append([]string{}, c.IDLabels...), "labels": labels,
		"idChecklists": checklists, "checkItemStates": states, "idAttachmentCover": nil, "manualCoverAttachment": false,
		"cardRole": nil, "mirrorSourceId": nil, "isTemplate": false, "pinned": false, "subscribed": false, "email": nil,
		"cover": jsonObject{
			"idAttachment": nil, "color": nil, "idUploadedBackground": nil, "size": "normal", "brightness": "dark", "idPlugin": nil,
		},
		"badges": jsonObject{
			"attachmentsByType": jsonObject{"trello": jsonObject{"board": 0, "card": 0}}, "externalSource": nil, "location": false,
			"votes": 0, "viewingMemberVoted": false, "subscribed": false, "fogbugz": "", "checkItems": items,
			"checkItemsChecked": len(states), "checkItemsEarliestDue": nil, "comments": len(c.Comments),
			"attachments": len(c.Attachments), "description": c.Desc != "", "due": trelloTime(c.Due), "start": trelloTime(c.Start),
			"dueComplete": c.DueComplete, "lastUpdatedByAi": false, "maliciousAttachments": 0,
		},
	}
}

func (t *Trello) actionJSON(a *trelloAction) jsonObject {
	o := jsonObject{
		"id": a.id, "type": a.kind, "date": trelloTime(a.at), "idMemberCreator": a.by, "data": a.data, "appCreator": nil,
		"limits": nil,
	}
	if m, err := t.member(a.by); err == nil {
		by := t.memberJSON(m)
		creator := jsonObject{}
		for _, key := range []string{
			"id", "activityBlocked", "avatarHash", "avatarUrl", "fullName", "idMemberReferrer", "initials", "nonPublic",
			"nonPublicAvailable", "username",
		} {
			creator[key] = by[key]
		}
		o["memberCreator"] = creator
	}
	return o
}
